/**
 * Predicted against measured memory: real runs of a few steps, each in a process of its own, over model shapes, plans,
 * savings, batches, lengths and k. The bar holds for the worst of them.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMOL_SHAPE } from '../randomCheckpoint.ts';
import { atMost, informative, report } from '../row.ts';
import { longTexts, runOnce, writeBase, type MeasuredMemory } from '../wholeRun.ts';

const BAR = 0.1;
const STEPS = 3;

const SHAPES = {
  small: { ...shape(4096, 256, 768, 8, 8, 4), tie_word_embeddings: true },
  medium: { ...shape(16384, 384, 1024, 12, 6, 2), tie_word_embeddings: false },
  smol: SMOL_SHAPE,
};

/** Shape, plan or what the layered plan saves, rows, tokens of each, k. */
type Case = readonly [keyof typeof SHAPES, 'none' | 'attention' | 'all' | 'wholeGraph', number, number, number];

const CASES: readonly Case[] = [
  ['small', 'none', 1, 128, 1],
  ['small', 'none', 4, 256, 1],
  ['small', 'none', 8, 256, 20],
  ['small', 'attention', 4, 512, 1],
  ['small', 'all', 8, 256, 4],
  ['small', 'all', 2, 1024, 4],
  ['small', 'wholeGraph', 1, 128, 4],
  ['small', 'wholeGraph', 4, 256, 1],
  ['small', 'wholeGraph', 8, 256, 20],
  ['small', 'wholeGraph', 2, 1024, 1],
  ['medium', 'none', 1, 256, 4],
  ['medium', 'none', 8, 256, 1],
  ['medium', 'none', 4, 512, 20],
  ['medium', 'none', 2, 1024, 1],
  ['medium', 'attention', 4, 256, 20],
  ['medium', 'all', 4, 512, 1],
  ['medium', 'all', 1, 1024, 20],
  ['medium', 'wholeGraph', 1, 256, 1],
  ['medium', 'wholeGraph', 4, 256, 4],
  ['medium', 'wholeGraph', 4, 512, 20],
  ['smol', 'none', 1, 128, 20],
  ['smol', 'none', 4, 256, 1],
  ['smol', 'none', 8, 256, 1],
  ['smol', 'none', 4, 512, 4],
  ['smol', 'attention', 4, 256, 1],
  ['smol', 'attention', 1, 512, 20],
  ['smol', 'all', 4, 256, 4],
  ['smol', 'wholeGraph', 1, 256, 1],
  ['smol', 'wholeGraph', 4, 256, 20],
];

const folder = await mkdtemp(join(tmpdir(), 'neuroada-bench-'));
try {
  const data = join(folder, 'data.jsonl');
  await writeFile(data, longTexts());
  for (const [name, config] of Object.entries(SHAPES)) await writeBase(join(folder, name), config);
  let worst = 0;
  for (const [index, wanted] of CASES.entries()) {
    const { predictedBytes, measuredBytes } = await run(wanted, data, join(folder, `run ${String(index)}`));
    const ratio = predictedBytes / measuredBytes;
    worst = Math.max(worst, Math.abs(ratio - 1));
    const [shapeName, plan, rows, length, k] = wanted;
    const name = `memory of ${shapeName}, ${plan}, ${String(rows)} x ${String(length)}, k = ${String(k)}`;
    report(informative(`${name}: peak`, measuredBytes / 1e6, 'MB'), informative(`${name}: predicted / peak`, ratio));
  }
  report(atMost(BAR, `memory predicted: largest error of ${String(CASES.length)} runs`, worst));
} finally {
  await rm(folder, { recursive: true });
}

function shape(vocabulary: number, hidden: number, intermediate: number, layers: number, heads: number, keys: number) {
  return {
    vocab_size: vocabulary,
    hidden_size: hidden,
    intermediate_size: intermediate,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: keys,
  };
}

function run([shapeName, plan, rows, length, k]: Case, data: string, output: string): Promise<MeasuredMemory> {
  return runOnce(join(folder, shapeName), data, output, STEPS, {
    'engine.plan': plan === 'wholeGraph' ? plan : 'layered',
    ...(plan === 'wholeGraph' ? {} : { 'engine.savedActivations': plan }),
    'data.maxLength': length,
    'training.batchSize': rows,
    'training.microBatchSize': rows,
    'selection.k': k,
  });
}
