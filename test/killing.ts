/** Processes killed at random moments, for tests. `NEUROADA_TEST_KILLS` raises how often. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** How often each test kills. */
export const KILLS = Number(process.env['NEUROADA_TEST_KILLS'] ?? '6');

export interface Life {
  /** Whether the process came to its end before the kill did. */
  readonly hasEnded: boolean;
  readonly exitCode: number | null;
  /** From the first output to the end. */
  readonly durationMs: number;
  /** Of both streams. */
  readonly output: string;
}

export interface KillMoment {
  /** Lines of standard output to wait for. */
  readonly lines: number;
  readonly delayMs: number;
  /** SIGKILL where it is left out. */
  readonly signal?: NodeJS.Signals;
}

/** Runs a program of the engine; sends it the signal at the moment, where one is given. */
export async function live(args: readonly string[], moment?: KillMoment): Promise<Life> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  let output = '';
  let firstTime = 0;
  let lines = 0;
  const seen = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      firstTime ||= performance.now();
      output += chunk.toString();
      lines += chunk.toString().split('\n').length - 1;
      if (moment !== undefined && lines >= moment.lines) resolve();
    });
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  if (moment !== undefined) {
    await Promise.race([seen.then(() => delay(moment.delayMs)), ended]);
    child.kill(moment.signal ?? 'SIGKILL');
  }
  const [exitCode, signal] = await ended;
  return { hasEnded: signal === null, exitCode, durationMs: performance.now() - firstTime, output };
}

/** Random whole numbers from 0 to `largest`, the same ones in every run of a test. */
export function randomNumbers(count: number, largest: number, seed = 7): readonly number[] {
  const generator = xoroshiro128plus(seed);
  return Array.from({ length: count }, () => uniformInt(generator, 0, Math.ceil(largest)));
}
