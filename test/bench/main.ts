/**
 * Speed and memory as ratios, measured side by side in one process: `npm run bench`, with `-- --json` one line a measure.
 * Exits with 1 where a bar is missed.
 */
import { processMemory } from '../../engine/runtime/memory.ts';
import { createLayeredPlan } from '../../engine/training/layeredPlan.ts';
import { createWholeGraphPlan } from '../../engine/training/wholeGraphPlan.ts';
import { bareProducts } from './bareProducts.ts';
import { measureInspection } from './inspection.ts';
import { measureMerge } from './merge.ts';
import { median, type BenchRow } from './row.ts';
import { measureSelection } from './selection.ts';
import { benchBatch, benchLayout, benchWeights, BENCH_OPTIONS } from './smolModel.ts';

const ROUNDS = 5;
const WHOLE_GRAPH_BAR = 0.82;
const LAYERED_BAR = 0.82;
const MEMORY_BAR_BYTES = 550e6;

const rows: BenchRow[] = [];

function report(row: BenchRow): void {
  rows.push(row);
  const text = `${row.name.padEnd(60)} ${row.value.toFixed(3).padStart(10)} ${row.unit.padEnd(6)} ${row.bar.padEnd(10)} ${row.isMet ? 'met' : 'MISSED'}`;
  process.stdout.write(`${process.argv.includes('--json') ? JSON.stringify(row) : text}\n`);
}

const weights = benchWeights();
const weightBytes = processMemory().residentBytes;
const products = await bareProducts(weights.config);
const batch = benchBatch();

for (const k of [1, 20]) {
  const layout = benchLayout(weights.config, k);
  const gradients = new Float32Array(layout.size);
  const layered = await createLayeredPlan(weights, layout, BENCH_OPTIONS, 'none');
  const layeredMs: number[] = [];
  const layeredLimits: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const limit = await products.measure();
    const start = performance.now();
    await layered.accumulate(batch, 1 / batch.labels.length, gradients);
    if (round === 0) continue;
    layeredMs.push(performance.now() - start);
    layeredLimits.push(limit.stepMs + limit.recomputeMs);
  }
  await layered.release();
  const layeredRatio = median(layeredLimits.map((limit, index) => limit / (layeredMs[index] ?? NaN)));
  report({
    name: `layered step, k = ${String(k)}: bare products with recompute / step`,
    value: layeredRatio,
    unit: '',
    bar: `>= ${String(LAYERED_BAR)}`,
    isMet: layeredRatio >= LAYERED_BAR,
  });
  if (k === 1) {
    const extra = processMemory().peakBytes - weightBytes;
    report({
      name: 'layered peak memory beyond weights, nothing saved',
      value: extra / 1e6,
      unit: 'MB',
      bar: '<= 550',
      isMet: extra <= MEMORY_BAR_BYTES,
    });
  }
  const whole = await createWholeGraphPlan(weights, layout, BENCH_OPTIONS, 2);
  const ratios: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const limit = await products.measure();
    const start = performance.now();
    await whole.accumulate(batch, 1 / batch.labels.length, gradients);
    if (round > 0) ratios.push(limit.stepMs / (performance.now() - start));
  }
  await whole.release();
  const ratio = median(ratios);
  report({
    name: `whole-graph step, k = ${String(k)}: bare products / step`,
    value: ratio,
    unit: '',
    bar: `>= ${String(WHOLE_GRAPH_BAR)}`,
    isMet: ratio >= WHOLE_GRAPH_BAR,
  });
}

for (const row of [...(await measureSelection()), ...(await measureMerge()), ...(await measureInspection())])
  report(row);

process.exitCode = rows.every((row) => row.isMet) ? 0 : 1;
