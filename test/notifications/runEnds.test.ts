/** Tests which changes of a run are an end that the user should be told of. */
import { expect, test } from 'vitest';
import type { RunStatus } from '../../engine/protocol/runs/events.ts';
import { EMPTY_RUN_SUMMARY } from '../../engine/protocol/runs/runSummary.ts';
import { RunEnds } from '../../extension/notifications/runEnds.ts';
import type { Run } from '../../extension/runs/run.ts';

function run(status: RunStatus, change: Partial<Run> = {}): Run {
  return {
    folder: '/runs/a',
    identity: { name: 'a', createdTime: 0, configuration: undefined, model: 'm', hasRecord: true, problem: undefined },
    summary: { ...EMPTY_RUN_SUMMARY, status },
    ...{ isPartial: false, hasLog: true, damage: undefined, liveness: 'alive', linkedTime: undefined },
    ...{ queued: undefined, isStopping: false, progress: undefined },
    ...change,
  };
}

test('a run that ended before the window saw it is no news', () => {
  const ends = new RunEnds();
  expect(ends.see(run('finished', { liveness: 'absent' }))).toBeUndefined();
  expect(ends.see(run('finished', { liveness: 'absent' }))).toBeUndefined();
});

test('a run that was seen going on ends once', () => {
  const ends = new RunEnds();
  expect(ends.see(run('training'))).toBeUndefined();
  expect(ends.see(run('finished'))).toBe('finished');
  expect(ends.see(run('finished', { liveness: 'absent' }))).toBeUndefined();
});

test('a run whose process is gone without a word was interrupted', () => {
  const ends = new RunEnds();
  ends.see(run('training'));
  expect(ends.see(run('training', { liveness: 'absent' }))).toBe('interrupted');
});

test('a resumed run that fails is told again', () => {
  const ends = new RunEnds();
  ends.see(run('training'));
  expect(ends.see(run('failed'))).toBe('failed');
  expect(ends.see(run('training'))).toBeUndefined();
  expect(ends.see(run('failed'))).toBe('failed');
});

test('a run that waits in the queue has not ended', () => {
  const ends = new RunEnds();
  const queued = { entryName: 'e', place: 1, device: 'cpu', resume: false };
  ends.see(run('stopped', { queued }));
  expect(ends.see(run('stopped', { queued }))).toBeUndefined();
  expect(ends.see(run('stopped', { liveness: 'absent' }))).toBe('stopped');
});

test('a run that is forgotten and found again is new', () => {
  const ends = new RunEnds();
  ends.see(run('training'));
  ends.forget('/runs/a');
  expect(ends.see(run('failed'))).toBeUndefined();
});
