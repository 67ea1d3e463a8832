/** Entry of the process of one run: a process of its own, so that the peak of its memory is the run's alone. */
import { ExpectedError } from '../../errors/expected.ts';
import { trainJob } from '../training/train.ts';
import { baseScore } from './baseScore.ts';
import type { ProcessMessage, ProcessRequest } from './message.ts';

const stopping = new AbortController();

function tell(message: ProcessMessage): void {
  process.send?.(message);
}

async function answer(request: ProcessRequest): Promise<ProcessMessage> {
  if (request.kind === 'base') return { kind: 'done', score: await baseScore(request.configuration, stopping.signal) };
  let totalSteps = 0;
  const result = await trainJob(
    request,
    {
      onEvent: (event) => {
        if (event.type === 'plan') totalSteps = event.totalSteps;
        if (event.type === 'step') tell({ kind: 'step', step: event.step, totalSteps });
      },
    },
    stopping.signal,
  );
  return result.status === 'finished' ? { kind: 'done' } : { kind: 'stopped' };
}

function failureOf(error: unknown): ProcessMessage {
  if (error instanceof ExpectedError) {
    const { code, problem, fix, place } = error;
    return { kind: 'failed', code, problem, fix, place: { ...place } };
  }
  if (stopping.signal.aborted) return { kind: 'stopped' };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: 'failed', code: 'bug', problem: text, fix: '', place: {} };
}

// Whoever asked is gone or wants no more: the run stops with a checkpoint.
process.on('disconnect', () => {
  stopping.abort();
});
process.once('message', (request) => {
  void answer(request as ProcessRequest)
    .catch(failureOf)
    .then((message) => {
      tell(message);
      if (process.connected) process.disconnect();
    });
});
