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

/** Runs a program of the engine; kills it (SIGKILL) `killAfterMs` after its first output, where given. */
export async function live(args: readonly string[], killAfterMs?: number): Promise<Life> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let firstTime = 0;
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  await Promise.race([once(child.stdout, 'data'), ended]);
  firstTime = performance.now();
  if (killAfterMs !== undefined) {
    await Promise.race([delay(killAfterMs), ended]);
    child.kill('SIGKILL');
  }
  const [exitCode, signal] = await ended;
  return { hasEnded: signal === null, exitCode, durationMs: performance.now() - firstTime, output };
}

/** Random delays of up to `longestMs`, the same ones in every run of a test. */
export function randomDelays(count: number, longestMs: number): readonly number[] {
  const generator = xoroshiro128plus(7);
  return Array.from({ length: count }, () => uniformInt(generator, 0, Math.ceil(longestMs)));
}
