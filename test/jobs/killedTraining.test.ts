/** Training that is killed at any moment can be resumed, and ends in the losses and the adapter of an undisturbed run. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isTemporaryName } from '../../engine/files/temporaryName.ts';
import { replayEvents } from '../../engine/run/eventReader.ts';
import { scratchFolder } from '../checkpoint/handmadeFile.ts';
import { KILLS, live, randomNumbers } from '../killing.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');
const MAIN = join(REPOSITORY, 'engine', 'cli', 'main.ts');
const SAMPLE = join(REPOSITORY, 'media', 'sample');
/** Lines that a process prints at most before it is killed; the first six or so come before its first step. */
const LONGEST_LIFE_LINES = 16;
/** Enough steps that the last kill comes before the end. */
const STEPS = 20 + KILLS * 6;

const folder = scratchFolder();

function start(run: string, checkpointEvery = 3): readonly string[] {
  const settings = [
    `training.checkpointEvery=${String(checkpointEvery)}`,
    'training.evaluateEvery=9',
    'data.limit=64',
    'training.epochs=1000',
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

test('SIGKILL, again and again', { timeout: 120_000 + KILLS * 15_000 }, async () => {
  const base = baseHash();
  const undisturbed = join(folder, 'undisturbed');
  const whole = await live(start(undisturbed, STEPS));
  expect(whole.exitCode, whole.output).toBe(0);
  const killed = join(folder, 'killed');
  // Until there is a run there is nothing to resume: it is started again.
  const goOn = (): readonly string[] =>
    existsSync(join(killed, 'run.json')) ? [MAIN, 'train', '--resume', killed, '--json'] : start(killed);
  const reached: number[] = [];
  const delays = randomNumbers(KILLS, 60, 8);
  for (const [kill, lines] of randomNumbers(KILLS, LONGEST_LIFE_LINES).entries()) {
    const life = await live(goOn(), { lines, delayMs: delays[kill] ?? 0 });
    expect(life.hasEnded, life.output).toBe(false);
    reached.push(existsSync(join(killed, 'events.jsonl')) ? (await lossesOf(killed)).size : 0);
  }
  console.log(`${String(KILLS)} kills of training, at steps ${reached.join(' ')} of ${String(STEPS)}`);
  const last = await live(goOn());
  expect(last.exitCode, last.output).toBe(0);
  expect(await lossesOf(killed)).toEqual(await lossesOf(undisturbed));
  expect(adapterOf(killed).equals(adapterOf(undisturbed))).toBe(true);
  const names = [killed, join(killed, 'checkpoints'), join(killed, 'adapter')].flatMap((path) => readdirSync(path));
  expect(names.filter(isTemporaryName)).toEqual([]);
  expect(baseHash()).toBe(base);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s saves a checkpoint, and the run goes on to the same end',
  { timeout: 120_000 },
  async (signal, exitCode) => {
    const [whole, stopped] = [join(folder, `whole ${signal}`), join(folder, `stopped ${signal}`)];
    const short = ['--max-steps', '12'];
    expect(await live([...start(whole), ...short])).toMatchObject({ exitCode: 0 });
    const life = await live([...start(stopped), ...short], { lines: 11, delayMs: 0, signal });
    expect(life.exitCode, life.output).toBe(exitCode);
    const { size } = await lossesOf(stopped);
    expect(size).toBeLessThan(12);
    expect(existsSync(join(stopped, 'checkpoints', `step-${String(size).padStart(6, '0')}`))).toBe(true);
    expect(existsSync(join(stopped, 'adapter', 'adapter_model.safetensors'))).toBe(true);
    expect(await live([MAIN, 'train', '--resume', stopped])).toMatchObject({ exitCode: 0 });
    expect(await lossesOf(stopped)).toEqual(await lossesOf(whole));
    expect(adapterOf(stopped).equals(adapterOf(whole))).toBe(true);
  },
);
