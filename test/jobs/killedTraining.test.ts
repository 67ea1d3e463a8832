/** Training that is killed at any moment can be resumed, and ends in the losses and the adapter of an undisturbed run. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isTemporaryName } from '../../engine/files/temporaryName.ts';
import { replayEvents } from '../../engine/run/eventReader.ts';
import { scratchFolder } from '../checkpoint/handmadeFile.ts';
import { KILLS, live, randomDelays } from '../killing.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');
const MAIN = join(REPOSITORY, 'engine', 'cli', 'main.ts');
const SAMPLE = join(REPOSITORY, 'media', 'sample');
/** Enough steps that few sequences of lives come to the end before the last kill. */
const STEPS = 20 + KILLS * 6;

const folder = scratchFolder();

function start(run: string, checkpointEvery = 3): readonly string[] {
  const settings = [
    `training.checkpointEvery=${String(checkpointEvery)}`,
    'training.evaluateEvery=9',
    'data.limit=64',
    'engine.threads=1',
  ];
  return [
    ...[MAIN, 'train', join(SAMPLE, 'support.neuroada.json'), '--output', run, '--json'],
    ...['--max-steps', String(STEPS), ...settings.flatMap((setting) => ['--set', setting])],
  ];
}

function baseHash(): string {
  const hash = createHash('sha256');
  const base = join(SAMPLE, 'checkpoint');
  for (const name of readdirSync(base).sort()) hash.update(readFileSync(join(base, name)));
  return hash.digest('hex');
}

const adapterOf = (run: string): Buffer => readFileSync(join(run, 'adapter', 'adapter_model.safetensors'));

async function lossesOf(run: string): Promise<ReadonlyMap<number, number>> {
  const events = await replayEvents(join(run, 'events.jsonl'));
  return new Map(events.flatMap((event) => (event.type === 'step' ? [[event.step, event.loss]] : [])));
}

/** Long enough to see about ten steps at most, on a machine of any speed. */
async function longestLifeMs(run: string, durationMs: number): Promise<number> {
  const steps = (await replayEvents(join(run, 'events.jsonl'))).filter(({ type }) => type === 'step');
  const trainingMs = (steps.at(-1)?.time ?? NaN) - (steps[0]?.time ?? NaN);
  return durationMs - trainingMs + (10 * trainingMs) / STEPS;
}

test('training', { timeout: 60_000 + KILLS * 8000 }, async () => {
  const base = baseHash();
  const undisturbed = join(folder, 'undisturbed');
  const whole = await live(start(undisturbed, STEPS));
  expect(whole.exitCode, whole.output).toBe(0);
  const killed = join(folder, 'killed');
  // Until there is a run there is nothing to resume: it is started again.
  const goOn = (): readonly string[] =>
    existsSync(join(killed, 'run.json')) ? [MAIN, 'train', '--resume', killed, '--json'] : start(killed);
  const reached: number[] = [];
  for (const delayMs of randomDelays(KILLS, await longestLifeMs(undisturbed, whole.durationMs))) {
    const life = await live(goOn(), delayMs);
    if (life.hasEnded) {
      expect(life.exitCode, life.output).toBe(0);
      break;
    }
    reached.push(existsSync(join(killed, 'events.jsonl')) ? (await lossesOf(killed)).size : 0);
  }
  expect(reached.length).toBeGreaterThan(KILLS / 2);
  console.log(`${String(reached.length)} kills of training, at steps ${reached.join(' ')} of ${String(STEPS)}`);
  const last = await live(goOn());
  expect(last.exitCode, last.output).toBe(0);
  expect(await lossesOf(killed)).toEqual(await lossesOf(undisturbed));
  expect(adapterOf(killed).equals(adapterOf(undisturbed))).toBe(true);
  const names = [killed, join(killed, 'checkpoints'), join(killed, 'adapter')].flatMap((path) => readdirSync(path));
  expect(names.filter(isTemporaryName)).toEqual([]);
  expect(baseHash()).toBe(base);
});
