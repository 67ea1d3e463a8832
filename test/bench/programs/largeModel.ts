/**
 * Models larger than what training them in float32 would allow, by the command line: a sharded BF16 checkpoint of random
 * weights is written, selected from, trained and, where that is asked for, merged and checked. Every process must stay
 * below 8 GB, and the time of a step is told. `--shape 1b` is TinyLlama-1.1B's, `--shape 8b` Llama-3.1-8B's, for one step.
 */
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { resultOf } from '../program.ts';
import { LLAMA_1B_SHAPE, LLAMA_8B_SHAPE, writeRandomCheckpoint } from '../randomCheckpoint.ts';
import { atMost, informative, report } from '../row.ts';

const BAR_MB = 8000;
const PROJECT = join(import.meta.dirname, '../../..');
const SETTINGS = {
  '1b': { shape: LLAMA_1B_SHAPE, parameters: '1.1 billion', steps: 3, weights: ['16bit', 'streamed'], isMerged: true },
  '8b': { shape: LLAMA_8B_SHAPE, parameters: '8 billion', steps: 1, weights: ['streamed'], isMerged: false },
} as const;

const { values } = parseArgs({ options: { shape: { type: 'string', default: '1b' } } });
const { shape, parameters, steps, weights, isMerged } = SETTINGS[values.shape === '8b' ? '8b' : '1b'];
const folder = await mkdtemp(join(tmpdir(), 'neuroada-large-'));
try {
  const base = join(folder, 'base');
  await writeRandomCheckpoint(base, shape, 'BF16', true);
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) {
    await copyFile(join(PROJECT, 'media/sample/checkpoint', file), join(base, file));
  }
  const data = join(folder, 'data.jsonl');
  await writeFile(data, texts());
  for (const storage of weights) {
    const name = `${parameters} parameters, weights ${storage}, 1 x 256 tokens`;
    const run = join(folder, storage);
    const { peakBytes, stepMs } = await train(base, data, run, storage);
    report(
      atMost(BAR_MB, `${name}: peak memory`, peakBytes / 1e6, 'MB'),
      informative(`${name}: last step`, stepMs, 'ms'),
    );
    if (!isMerged) continue;
    const peak = await mergePeak(run, join(folder, `merged ${storage}`));
    report(atMost(BAR_MB, `${name}: merged and checked, peak memory`, peak / 1e6, 'MB'));
  }
} finally {
  await rm(folder, { recursive: true });
}

/** Rows that are cut to the length of a row. */
function texts(): string {
  const words = ['order', 'refund', 'parcel', 'late', 'invoice', 'help'];
  const text = (row: number): string =>
    Array.from({ length: 900 }, (_, word) => words[(row * 7 + word * word) % words.length]).join(' ');
  return Array.from({ length: 4 }, (_, row) => `${JSON.stringify({ text: text(row) })}\n`).join('');
}

async function train(
  base: string,
  data: string,
  output: string,
  storage: string,
): Promise<{ readonly peakBytes: number; readonly stepMs: number }> {
  const { stdout } = await execa(process.execPath, [
    join(PROJECT, 'engine/cli/main.ts'),
    ...['train', '--base', base, '--data', data, '--output', output, '--max-steps', String(steps), '--json'],
    ...['--plan', 'layered', '--weights', storage, '--max-length', '256', '--batch-size', '1', '--device', 'cpu'],
    ...['--set', 'engine.savedActivations="none"'],
  ]);
  const events = stdout.split('\n').map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  const last = (field: string): number => Number(events.findLast((event) => field in event)?.[field]);
  return { peakBytes: last('peakMemoryBytes'), stepMs: last('stepMs') };
}

/** The peak of a process that merges and checks. */
async function mergePeak(run: string, output: string): Promise<number> {
  return ((await resultOf('checkedMergeProcess', run, output)) as { readonly peakBytes: number }).peakBytes;
}
