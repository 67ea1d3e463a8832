import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NewRunEvent, RunEvent } from '../../engine/protocol/runs/events.ts';
import { extendHistory } from '../../engine/protocol/runs/replay.ts';
import { afterProcessDeath, EMPTY_RUN_SUMMARY, reduceRun } from '../../engine/protocol/runs/runSummary.ts';
import { stamped, stepsOf } from './runFixture.ts';
import { stepEvent } from './stepEvent.ts';

const CHECKPOINT_EVERY = 5;
const EVALUATE_EVERY = 3;

/** The events of steps `from`..`to`; losses depend on the step and on the session. */
function train(from: number, to: number, session: number): NewRunEvent[] {
  const events: NewRunEvent[] = [];
  for (let step = from; step <= to; step += 1) {
    events.push(stepEvent(step, 10 / step + session));
    if (step % EVALUATE_EVERY === 0) {
      events.push({ type: 'evaluation', step, loss: Math.abs(Math.sin(step + session)), examples: 4, isBest: false });
    }
    if (step % CHECKPOINT_EVERY === 0) events.push({ type: 'checkpoint', step, path: `checkpoints/${String(step)}` });
  }
  return events;
}

/** Sessions that each train up to some step, are killed, and go on from a checkpoint at or below it. */
const killedRuns = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 17 }), fc.integer({ min: 0, max: 2 })), { minLength: 1, maxLength: 5 })
  .map((sessions) => {
    const written: NewRunEvent[] = [];
    const counting: number[] = [];
    let last = 0;
    sessions.forEach(([length, lostCheckpoints], session) => {
      if (session > 0) {
        last = Math.max(0, (Math.floor(last / CHECKPOINT_EVERY) - lostCheckpoints) * CHECKPOINT_EVERY);
        written.push({ type: 'resumed', step: last });
      }
      written.push(...train(last + 1, last + length, session));
      counting.length = last;
      for (let step = last + 1; step <= last + length; step += 1) counting.push(10 / step + session);
      last += length;
    });
    return { written: stamped(written), losses: counting };
  });

function replay(events: readonly RunEvent[]): RunEvent[] {
  const history: RunEvent[] = [];
  for (const event of events) extendHistory(history, event);
  return history;
}

describe('replay', () => {
  test('leaves each step once, in order, as its last session trained it', () => {
    fc.assert(
      fc.property(killedRuns, ({ written, losses }) => {
        const history = replay(written);
        expect(stepsOf(history)).toEqual(losses.map((_, index) => index + 1));
        expect(history.filter((event) => event.type === 'step').map((event) => event.loss)).toEqual(losses);
        for (const type of ['evaluation', 'checkpoint'] as const) {
          const steps = history.flatMap((event) => (event.type === type ? [event.step] : []));
          expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
        }
      }),
    );
  });

  test('gives the summary that the whole log gives', () => {
    fc.assert(
      fc.property(killedRuns, ({ written }) => {
        const { peakMemoryBytes, startedTime } = reduceRun(replay(written));
        expect({ ...reduceRun(written), peakMemoryBytes, startedTime }).toEqual(reduceRun(replay(written)));
      }),
    );
  });

  test('is the same whether events come at once or are replayed again', () => {
    fc.assert(
      fc.property(killedRuns, ({ written }) => {
        const once = replay(written);
        expect(replay(once)).toEqual(once);
      }),
    );
  });
});

describe('run summary', () => {
  test('follows a run from start to end', () => {
    const summary = reduceRun(
      stamped([
        { type: 'status', status: 'training' },
        ...train(1, 6, 0),
        { type: 'result', adapter: 'adapter', steps: 6, finalLoss: 1.5, peakMemoryBytes: 9_000_000 },
        { type: 'status', status: 'finished' },
        { type: 'merged', output: '/out', maxLogitDifference: 1e-6, lostDeltas: 2 },
      ]),
    );
    expect(summary).toMatchObject({
      status: 'finished',
      step: 6,
      loss: 1.5,
      etaMs: undefined,
      bestEvaluation: { step: 3, loss: Math.abs(Math.sin(3)) },
      checkpoints: [{ step: 5, loss: 2 }],
      adapter: 'adapter',
      merged: [{ output: '/out', maxLogitDifference: 1e-6, lostDeltas: 2 }],
      startedTime: 1,
      updatedTime: 13,
    });
  });

  test('forgets the result and the best evaluation that a resume takes back', () => {
    const summary = reduceRun(
      stamped([
        ...train(1, 6, 0),
        { type: 'result', adapter: 'adapter', steps: 6, finalLoss: 1.5, peakMemoryBytes: 1 },
        { type: 'resumed', step: 5 },
      ]),
    );
    expect(summary).toMatchObject({ step: 5, loss: 2, adapter: undefined, bestEvaluation: { step: 3 }, resumes: 1 });
  });

  test('does not take a diverged evaluation for the best', () => {
    const evaluation = { type: 'evaluation', examples: 1, isBest: false } as const;
    const summary = reduceRun(
      stamped([
        { ...evaluation, step: 1, loss: Number.NaN },
        { ...evaluation, step: 2, loss: 3 },
        { ...evaluation, step: 3, loss: Number.NaN },
      ]),
    );
    expect(summary.bestEvaluation).toEqual({ step: 2, loss: 3 });
  });

  test('counts a run whose process is gone as failed, unless it had ended', () => {
    expect(afterProcessDeath(EMPTY_RUN_SUMMARY, 'exit code 137')).toMatchObject({
      status: 'failed',
      code: 'run/processDied',
      reason: 'the engine process ended without finishing the run (exit code 137)',
    });
    const stopped = reduceRun(stamped([{ type: 'status', status: 'stopped' }]));
    expect(afterProcessDeath(stopped)).toBe(stopped);
  });
});
