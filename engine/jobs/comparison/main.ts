/** Entry of the process of one run: a process of its own, so that the peak of its memory is the run's alone. */
import { ExpectedError } from '../../errors/expected.ts';
import { evaluateJob } from '../answering/evaluate.ts';
import { trainJob } from '../training/train.ts';
import { measureBase } from './baseMeasures.ts';
import type { JobObserver } from '../contract.ts';
import type { ProcessMessage, ProcessRequest } from './message.ts';

const stopping = new AbortController();

function tell(message: ProcessMessage): void {
  process.send?.(message);
}

async function answer(request: ProcessRequest): Promise<ProcessMessage> {
  const { signal } = stopping;
  switch (request.kind) {
    case 'base':
      return { kind: 'done', result: await measureBase(request.configuration, signal) };
    case 'questions': {
      const observer: JobObserver = {
        onEvent: () => undefined,
        onProgress: ({ done, total }) => {
          tell({ kind: 'progress', done, total });
        },
      };
      return { kind: 'done', result: await evaluateJob(request.params, observer, signal) };
    }
    case 'run': {
      const { status } = await trainJob(request, stepObserver(), signal);
      return status === 'finished' ? { kind: 'done', result: null } : { kind: 'stopped' };
    }
  }
}

function stepObserver(): JobObserver {
  let total = 0;
  return {
    onEvent: (event) => {
      if (event.type === 'plan') total = event.totalSteps;
      if (event.type === 'step') tell({ kind: 'progress', done: event.step, total });
    },
  };
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
