/** What rests beside a run when the pointer does: figures and choices in words, not the names that files use. */
import { expect, test } from 'vitest';
import { EMPTY_RUN_SUMMARY } from '../../engine/protocol/runs/runSummary.ts';
import type { Run } from '../../extension/runs/run.ts';
import { runTooltip } from '../../extension/runsView/runNodes.ts';

function trained(summary: Partial<Run['summary']>): Run {
  return {
    folder: '/runs/tuned',
    identity: {
      ...{ name: 'tuned', model: 'llama', createdTime: 0, configuration: undefined, hasRecord: true },
      problem: undefined,
    },
    summary: { ...EMPTY_RUN_SUMMARY, step: 5, totalSteps: 10, ...summary },
    ...{ isPartial: false, hasLog: true, damage: undefined, liveness: 'absent', linkedTime: undefined },
    ...{ queued: undefined, isStopping: false, progress: undefined },
  };
}

test('device and plan', () => {
  const text = runTooltip(trained({ device: 'cpu', plan: 'wholeGraph', peakMemoryBytes: 2e9 })).value;
  expect(text).toContain('| Device | CPU, whole graph |');
  expect(text).toContain('| Step | 5 / 10 |');
  expect(text).toContain('| Peak memory | 2.0 GB |');
  expect(runTooltip(trained({ device: 'webgpu', plan: undefined })).value).toContain('| Device | GPU \\(WebGPU\\) |');
});

test('a run that has not begun tells no device', () => {
  expect(runTooltip(trained({ device: undefined })).value).not.toContain('Device');
});
