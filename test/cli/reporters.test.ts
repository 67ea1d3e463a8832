import { describe, expect, test } from 'vitest';
import { interactiveReporter } from '../../engine/cli/interactiveReporter.ts';
import { jsonReporter } from '../../engine/cli/jsonReporter.ts';
import { plainReporter } from '../../engine/cli/plainReporter.ts';
import type { Reporter } from '../../engine/cli/reporter.ts';
import type { PlanEvent, RunEvent } from '../../engine/protocol/runs/events.ts';
import { stepEvent } from '../run/stepEvent.ts';
import { jsonLines } from './commandLine.ts';
import { fakeTerminal, screenOf } from './fakeTerminal.ts';

const PLAN: PlanEvent = {
  type: 'plan',
  time: 1,
  device: 'cpu',
  plan: 'layered',
  savedActivations: 'none',
  threads: 2,
  microBatchSize: 4,
  totalSteps: 1000,
  stepsPerEpoch: 334,
  trainExamples: 5333,
  evaluationExamples: 200,
  learningRate: 8.5e-3,
  predictedPeakBytes: 1.31e9,
  reasons: ['the whole graph would need 2.6 GB'],
};

const SELECTION: RunEvent = {
  type: 'selection',
  time: 1,
  strategy: 'magnitude',
  k: 1,
  trainableParameters: 1_359_872,
  totalParameters: 6_738_415_616,
  trainableShare: 1_359_872 / 6_738_415_616,
};

/** Reports a run of 1000 steps that each take `stepMs` on the clock. */
function reportRun(reporter: Reporter, clock: { now: number }, stepMs: number): void {
  reporter.onEvent({ type: 'status', time: 1, status: 'training' });
  reporter.onEvent(SELECTION);
  reporter.onEvent(PLAN);
  for (let step = 1; step <= 1000; step += 1) {
    clock.now += stepMs;
    reporter.onEvent({ ...stepEvent(step, 2), time: step });
    if (step === 500) {
      reporter.onEvent({
        type: 'evaluation',
        time: step,
        step,
        loss: 1.5,
        examples: 9,
        isBest: true,
        scores: { accuracy: 0.5 },
      });
      reporter.onEvent({ type: 'checkpoint', time: step, step, path: 'checkpoints/step-000500' });
      reporter.onEvent({ type: 'message', time: step, level: 'warning', text: 'two examples were cut' });
    }
  }
  reporter.result({ steps: 1000 }, ['Finished.', 'Run: /r']);
}

describe('in a pipe', () => {
  test('tells the events in whole lines, and the result on standard output', () => {
    const terminal = fakeTerminal();
    const clock = { now: 0 };
    reportRun(
      plainReporter(terminal, () => clock.now),
      clock,
      1,
    );
    expect(terminal.notes()).toBe(`training
selected 1 connection per neuron by magnitude: 1,359,872 trainable parameters, 0.0202 % of 6,738,415,616
cpu, layered plan, 2 threads; expected peak memory 1.3 GB
  the whole graph would need 2.6 GB
1,000 steps over 5,333 examples, 200 held out; learning rate 8.5e-3
step 1/1000 (0 %)  loss 2.0000  lr 1.0e-3  10.2k tok/s  5 s left  1.0 MB
step 500: evaluation loss 1.5000, accuracy 0.5000 (best so far)
step 500: checkpoint saved
warning: two examples were cut
step 1000/1000 (100 %)  loss 2.0000  lr 1.0e-3  10.2k tok/s  5 s left  1.0 MB
`);
    expect(terminal.results()).toBe('Finished.\nRun: /r\n');
  });

  test.each([
    [500, 101],
    [60_000, 1000],
    [5, 4],
  ])('steps of %d ms make %d lines', (stepMs, lines) => {
    const terminal = fakeTerminal();
    const clock = { now: 0 };
    reportRun(
      plainReporter(terminal, () => clock.now),
      clock,
      stepMs,
    );
    expect(terminal.notes().match(/^step \d+\//gm)).toHaveLength(lines);
  });

  test('names each phase once', () => {
    const terminal = fakeTerminal();
    const reporter = plainReporter(terminal, () => 0);
    for (let done = 0; done <= 10; done += 1) reporter.onProgress({ phase: 'copying', done, total: 10 });
    expect(terminal.notes()).toBe('copying\n');
  });
});

describe('on a terminal', () => {
  test('keeps one progress line under the events, and leaves only them and the result', () => {
    const terminal = fakeTerminal({ isInteractive: true, columns: 120 });
    const clock = { now: 0 };
    reportRun(
      interactiveReporter(terminal, () => clock.now),
      clock,
      10,
    );
    const screen = screenOf(terminal.notes());
    expect(screen.slice(-4)).toEqual([
      'step 500: evaluation loss 1.5000, accuracy 0.5000 (best so far)',
      'step 500: checkpoint saved',
      'warning: two examples were cut',
      '',
    ]);
    expect(terminal.notes()).toContain(
      'training  ████████████░░░░░░░░░░░░  50 %  step 500/1000  loss 2.0000  5 s left  10.2k tok/s  1.0 MB',
    );
    expect(terminal.results()).toBe('Finished.\nRun: /r\n');
  });

  test('redraws at most ten times a second', () => {
    const terminal = fakeTerminal({ isInteractive: true });
    const clock = { now: 0 };
    reportRun(
      interactiveReporter(terminal, () => clock.now),
      clock,
      5,
    );
    expect(terminal.notes().split('training  ').length).toBeLessThan(60);
  });

  test.each([20, 30, 40, 60, 79])('never wraps at %d columns', (columns) => {
    const terminal = fakeTerminal({ isInteractive: true, columns });
    const reporter = interactiveReporter(terminal, () => 0);
    reporter.onEvent(PLAN);
    const before = terminal.notes().length;
    reporter.onEvent({ ...stepEvent(123, 2), time: 1 });
    const line = screenOf(terminal.notes().slice(before)).at(-1)!;
    expect(line.length).toBeLessThan(columns);
    expect(line).toContain(columns < 30 ? 'step 123/1000' : 'loss 2.0000');
  });

  test('shows phases of unknown length too', () => {
    const terminal = fakeTerminal({ isInteractive: true });
    interactiveReporter(terminal, () => 0).onProgress({ phase: 'loading', done: 0, total: 0 });
    expect(screenOf(terminal.notes())).toEqual(['loading']);
  });
});

describe('as JSON', () => {
  test('prints every event as it is, then the result', () => {
    const terminal = fakeTerminal();
    const clock = { now: 0 };
    reportRun(
      jsonReporter(terminal, 'train', () => clock.now),
      clock,
      1,
    );
    const lines = jsonLines(terminal.results());
    expect(lines.slice(0, 3)).toEqual([{ type: 'status', time: 1, status: 'training' }, SELECTION, PLAN]);
    expect(lines.filter((line) => line['type'] === 'step')).toHaveLength(1000);
    expect(lines.at(-1)).toEqual({ type: 'result', command: 'train', steps: 1000 });
    expect(terminal.notes()).toBe('');
  });

  test('thins out progress, never its end', () => {
    const terminal = fakeTerminal();
    let now = 0;
    const reporter = jsonReporter(terminal, 'merge', () => now);
    for (let done = 0; done <= 1000; done += 1, now += 1) reporter.onProgress({ phase: 'copying', done, total: 1000 });
    const lines = jsonLines(terminal.results());
    expect(lines.map((line) => line['done'])).toEqual([0, 250, 500, 750, 1000]);
  });
});
