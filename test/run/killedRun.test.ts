import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { replayEvents } from '../../engine/run/eventReader.ts';
import { summarizeRun } from '../../engine/run/runOverview.ts';
import { newRun, stepsOf } from './runFixture.ts';
import { decodeEventFile, purgedScalars } from './tensorboardDecoder.ts';

/** Raised by hand to look for rarer moments. */
const KILLS = Number(process.env['NEUROADA_TEST_KILLS'] ?? 12);
const PROGRAM = join(import.meta.dirname, 'programs', 'driver.ts');

/** Runs the driver; kills it `afterMs` after it has taken the run. Returns the step it resumed from. */
async function drive(run: string, lastStep: number, afterMs: number | undefined): Promise<number> {
  const child = spawn(process.execPath, [PROGRAM, run, String(lastStep)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  if (afterMs !== undefined) {
    await delay(afterMs);
    child.kill('SIGKILL');
  }
  expect(await exit).toEqual(afterMs === undefined ? [0, null] : [null, 'SIGKILL']);
  return Number(line);
}

function lastCheckpointStep(run: string): number {
  const names = readdirSync(join(run, 'checkpoints')).filter((name) => /^step-\d+$/.test(name));
  return Math.max(0, ...names.map((name) => Number(name.slice('step-'.length))));
}

describe('a run killed at random moments', () => {
  test('replays and resumes from its newest checkpoint each time', { timeout: 10_000 + KILLS * 2000 }, async () => {
    const run = await newRun({ keepCheckpoints: 2 });
    for (let kill = 0; kill < KILLS; kill += 1) {
      const expected = kill === 0 ? 0 : lastCheckpointStep(run);
      expect(await drive(run, 1_000_000, Math.floor((kill * 7919) % 61))).toBe(expected);
      const steps = stepsOf(await replayEvents(join(run, 'events.jsonl')));
      expect(steps).toEqual(steps.map((_, index) => index + 1));
      expect(steps.length).toBeGreaterThanOrEqual(lastCheckpointStep(run));
      expect((await summarizeRun(run)).summary).toMatchObject({ status: 'failed', code: 'run/processDied' });
    }
    const last = lastCheckpointStep(run) + 20;
    await drive(run, last, undefined);
    const { summary, process } = await summarizeRun(run);
    expect(summary).toMatchObject({ status: 'finished', step: last, resumes: KILLS + 1 });
    expect(process).toBeUndefined();
    expect(readdirSync(join(run, 'checkpoints')).length).toBeLessThanOrEqual(2);
    expect(readdirSync(join(run, 'lock'))).toEqual([]);
    const tensorboard = join(run, 'tensorboard');
    const files = readdirSync(tensorboard)
      .sort()
      .map((name) => readFileSync(join(tensorboard, name)));
    expect(purgedScalars(files.flatMap(decodeEventFile), 'train/loss').map(([step]) => step)).toEqual(
      Array.from({ length: last }, (_, index) => index + 1),
    );
  });
});
