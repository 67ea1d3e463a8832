/** Which runs the view shows, and in which order. */
import { expect, test } from 'vitest';
import type { RunStatus } from '../../engine/protocol/runs/events.ts';
import { EMPTY_RUN_SUMMARY } from '../../engine/protocol/runs/runSummary.ts';
import type { Run } from '../../extension/runs/run.ts';
import { arrangeRuns, isFiltering, type RunFilter, type SortKey } from '../../extension/runsView/runOrder.ts';

const NOW = 1_800_000_000_000;
const DAY_MS = 24 * 3_600_000;

function run(name: string, model: string, days: number, status: RunStatus, loss?: number): Run {
  const bestEvaluation = loss === undefined ? undefined : { step: 1, loss };
  return {
    folder: `/runs/${name}`,
    identity: {
      name,
      model,
      createdTime: NOW - days * DAY_MS,
      configuration: undefined,
      hasRecord: true,
      problem: undefined,
    },
    summary: { ...EMPTY_RUN_SUMMARY, status, bestEvaluation },
    ...{ isPartial: false, hasLog: true, damage: undefined, liveness: 'absent', linkedTime: undefined },
    ...{ queued: undefined, isStopping: false, progress: undefined },
  };
}

const RUNS = [
  run('b 10', 'llama', 3, 'finished', 0.5),
  run('b 9', 'qwen', 0.5, 'failed'),
  run('a', 'llama', 20, 'stopped', 0.25),
  { ...run('live', 'qwen', 40, 'training', 2), liveness: 'alive' as const },
];

function names(filter: RunFilter, key: SortKey): string[] {
  return arrangeRuns(RUNS, filter, key, NOW).map(({ identity }) => identity.name);
}

test.each<[SortKey, string[]]>([
  ['date', ['b 9', 'b 10', 'a', 'live']],
  ['status', ['live', 'b 9', 'a', 'b 10']],
  ['model', ['b 10', 'a', 'b 9', 'live']],
  ['bestLoss', ['a', 'b 10', 'live', 'b 9']],
  ['name', ['a', 'b 9', 'b 10', 'live']],
])('sorted by %s', (key, expected) => {
  expect(names({}, key)).toEqual(expected);
});

test.each<[RunFilter, string[]]>([
  [{ statuses: ['failed', 'training'] }, ['b 9', 'live']],
  [{ models: ['llama'] }, ['b 10', 'a']],
  [{ days: 7 }, ['b 9', 'b 10']],
  [{ mostLoss: 0.5 }, ['b 10', 'a']],
  [{ text: 'B ' }, ['b 9', 'b 10']],
  [{ models: ['qwen'], days: 30 }, ['b 9']],
])('filtered by %j', (filter, expected) => {
  expect(names(filter, 'date')).toEqual(expected);
  expect(isFiltering(filter)).toBe(true);
});
