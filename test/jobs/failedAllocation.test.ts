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
/** Now and then it is JavaScript's own heap that is refused: then the process just ends, which is not what is tested. */
const ATTEMPTS = 5;
const ENDED_BY_V8 = /JavaScript heap out of memory/;

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

async function limitedEvents(): Promise<readonly RunEvent[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await eventsOf(`limited ${String(attempt)}`, String(GRANTED_MEGABYTES));
    } catch (error) {
      if (attempt === ATTEMPTS || !ENDED_BY_V8.test(String(error))) throw error;
    }
  }
}

test.skipIf(obstacle !== undefined)(
  'real failures are survived, evaluation and checkpoint included',
  async () => {
    const undisturbed = await eventsOf('undisturbed');
    const events = await limitedEvents();
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
