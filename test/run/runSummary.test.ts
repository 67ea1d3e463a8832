/** The summary that views show of a run's log, at moments when the log's last status is not the run's. */
import { expect, test } from 'vitest';
import type { RunEvent } from '../../engine/protocol/runs/events.ts';
import { applyRunEvent, EMPTY_RUN_SUMMARY } from '../../engine/protocol/runs/runSummary.ts';

test('a resumed run goes on, with nothing of its failure, before the next status is logged', () => {
  const events: RunEvent[] = [
    { type: 'status', time: 1, status: 'training' },
    { type: 'checkpoint', time: 2, step: 10, path: 'checkpoints/step-000010' },
    { type: 'status', time: 3, status: 'failed', code: 'run/processDied', reason: 'killed by SIGKILL' },
    { type: 'resumed', time: 4, step: 10 },
  ];
  const { status, reason, code, step } = events.reduce(applyRunEvent, EMPTY_RUN_SUMMARY);
  expect({ status, reason, code, step }).toEqual({ status: 'preparing', reason: undefined, code: undefined, step: 10 });
});

test('what a run computes in is that of its newest plan', () => {
  const plan: RunEvent = {
    type: 'plan',
    time: 1,
    device: 'webgpu',
    plan: 'layered',
    savedActivations: 'none',
    precision: 'float16',
    ...{ threads: 1, microBatchSize: 1, totalSteps: 5, stepsPerEpoch: 5, trainExamples: 5, evaluationExamples: 0 },
    ...{ learningRate: 0.1, predictedPeakBytes: 1, reasons: [] },
  };
  const moved: RunEvent = { ...plan, time: 2, device: 'cpu', precision: 'float32' };
  const shown = (events: readonly RunEvent[]): unknown => {
    const { device, precision } = events.reduce(applyRunEvent, EMPTY_RUN_SUMMARY);
    return [device, precision];
  };
  expect(shown([plan])).toEqual(['webgpu', 'float16']);
  expect(shown([plan, moved])).toEqual(['cpu', 'float32']);
});
