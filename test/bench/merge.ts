/** Merging against copying the same files, both down to the disk; and the memory of a process that merges. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeAdapter } from '../../engine/adapter/adapter.ts';
import { openCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { mergeAdapters } from '../../engine/merge/mergeAdapters.ts';
import { sampleAdapter } from '../adapter/sampleAdapter.ts';
import { SMOL_SHAPE, writeRandomCheckpoint } from './randomCheckpoint.ts';
import { median, type BenchRow } from './row.ts';

const ROUNDS = 5;
const TIME_BAR = 1.3;
const MEMORY_BAR_BYTES = 300e6;
/** Many times the layers of SmolLM2-135M: larger than the memory that a merge may take. */
const LARGE_SHAPE = { ...SMOL_SHAPE, num_hidden_layers: 240 };

/** Ratios of interleaved pairs at the shape of SmolLM2-135M, and the peak memory there and with eight times the layers. */
export async function measureMerge(): Promise<readonly BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'neuroada-bench-'));
  try {
    const rows: BenchRow[] = [];
    for (const dtype of ['BF16', 'F32'] as const) {
      const base = join(folder, dtype);
      await writeRandomCheckpoint(base, SMOL_SHAPE, dtype);
      for (const k of [1, 20]) {
        const adapter = join(folder, `adapter ${dtype} ${String(k)}`);
        await writeSampleAdapter(base, adapter, k);
        rows.push(await measureTime(base, adapter, folder, `${dtype}, k = ${String(k)}`));
      }
    }
    const large = join(folder, 'large');
    await writeRandomCheckpoint(large, LARGE_SHAPE, 'BF16');
    await writeSampleAdapter(large, join(folder, 'large adapter'), 20);
    rows.push(await measureMemory(join(folder, 'BF16'), join(folder, 'adapter BF16 20'), folder, '0.27 GB'));
    rows.push(await measureMemory(large, join(folder, 'large adapter'), folder, '1.8 GB'));
    return rows;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function writeSampleAdapter(base: string, folder: string, k: number): Promise<void> {
  const checkpoint = await openCheckpoint(base);
  const { config, modules } = await sampleAdapter(checkpoint, { k });
  await writeAdapter(folder, config, modules);
  await checkpoint.close();
}

async function measureTime(base: string, adapter: string, folder: string, name: string): Promise<BenchRow> {
  const output = join(folder, 'output');
  const ratios: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const copyMs = await timedInto(output, () => copyToDisk(base, output));
    const mergeMs = await timedInto(output, () => merge(base, adapter, output));
    if (round > 0) ratios.push(mergeMs / copyMs);
  }
  const value = median(ratios);
  return { name: `merge, ${name}: time / copying`, value, unit: '', bar: `<= ${TIME_BAR}`, isMet: value <= TIME_BAR };
}

async function timedInto(output: string, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  const elapsedMs = performance.now() - start;
  await rm(output, { recursive: true });
  return elapsedMs;
}

function merge(base: string, adapter: string, output: string): Promise<unknown> {
  return mergeAdapters({
    ...{ base, adapters: [adapter], output, dtype: 'base', allowOtherBase: false },
    onProgress: () => undefined,
    signal: undefined,
  });
}

/** Copies the folder's files and waits until they are on disk, as a merge does. */
async function copyToDisk(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const name of await readdir(from)) {
    await copyFile(join(from, name), join(to, name));
    const handle = await open(join(to, name), 'r+');
    await handle.sync();
    await handle.close();
  }
}

async function measureMemory(base: string, adapter: string, folder: string, size: string): Promise<BenchRow> {
  const output = join(folder, 'output');
  const program = join(import.meta.dirname, 'mergeProcess.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [program, base, adapter, output]);
  await rm(output, { recursive: true });
  const { peakBytes } = JSON.parse(stdout) as { readonly peakBytes: number };
  return {
    name: `merge of ${size}, k = 20: peak resident memory`,
    value: peakBytes / 1e6,
    unit: 'MB',
    bar: `<= ${MEMORY_BAR_BYTES / 1e6}`,
    isMet: peakBytes <= MEMORY_BAR_BYTES,
  };
}
