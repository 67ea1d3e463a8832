/** A process that the system refuses memory: the run goes on with less, and its numbers are those of an undisturbed one. */
import { execFile, execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunEvent } from '../../engine/protocol/runs/events.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { lossesOf } from './sampleRun.ts';

const PROGRAM = join(import.meta.dirname, 'programs', 'limitedTraining.ts');
/** About a third of what the whole graph needs with all rows at once. */
const GRANTED_MEGABYTES = 120;

const obstacle = obstacleHere();
if (obstacle !== undefined) console.warn(`the test of failed allocations is skipped: ${obstacle}`);

/** Why no process can be limited here. */
function obstacleHere(): string | undefined {
  if (process.platform !== 'linux') return 'only Linux limits the private memory of a process';
  try {
    execFileSync('prlimit', ['--version']);
    return undefined;
  } catch {
    return 'prlimit (package util-linux) is not installed';
  }
}

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function eventsOf(name: string, ...megabytes: readonly string[]): Promise<readonly RunEvent[]> {
  const parameters = [PROGRAM, join(folder, name), ...megabytes];
  const { stdout } = await promisify(execFile)(process.execPath, parameters, { maxBuffer: 1 << 26 });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent);
}

test.skipIf(obstacle !== undefined)(
  'real failures are survived, evaluation and checkpoint included',
  async () => {
    const undisturbed = await eventsOf('undisturbed');
    const events = await eventsOf('limited', String(GRANTED_MEGABYTES));
    const warnings = events.flatMap((event) => (event.type === 'message' ? [event] : []));
    expect(warnings.length).toBeGreaterThan(0);
    for (const { code, text } of warnings) {
      expect(code).toBe('memory/steppedDown');
      expect(text).toMatch(
        /^memory of cpu ran out in session .*: going on from (the start|step \d) with .* instead of /,
      );
    }
    const plans = events.flatMap((event) => (event.type === 'plan' ? [event] : []));
    expect(plans[0]).toMatchObject({ plan: 'wholeGraph', microBatchSize: 64 });
    expect(plans.slice(1).every(({ predictedPeakBytes }) => predictedPeakBytes < plans[0]!.predictedPeakBytes)).toBe(
      true,
    );
    expect(events.at(-1)).toMatchObject({ type: 'status', status: 'finished' });
    const losses = lossesOf(events);
    expect([...losses.keys()]).toEqual([1, 2, 3, 4]);
    for (const [step, loss] of lossesOf(undisturbed)) expect(losses.get(step)).toBeCloseTo(loss, 3);
    for (const type of ['evaluation', 'checkpoint']) {
      expect(events.filter((event) => event.type === type)).toHaveLength(1);
    }
  },
  120_000,
);
