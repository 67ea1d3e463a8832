/** Merging against copying the same files, both down to the disk; and the memory of a process that merges. */
import { copyFile, mkdir, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeAdapter } from '../../../engine/adapter/adapter.ts';
import { openCheckpoint } from '../../../engine/checkpoint/checkpoint.ts';
import { mergeAdapters } from '../../../engine/merge/mergeAdapters.ts';
import { sampleAdapter } from '../../adapter/sampleAdapter.ts';
import { resultOf } from '../program.ts';
import { SMOL_SHAPE, writeRandomCheckpoint } from '../randomCheckpoint.ts';
import { atMost, report, type BenchRow } from '../row.ts';
import { median, timed } from '../timing.ts';

const ROUNDS = 5;
const TIME_BAR = 1.3;
const MEMORY_BAR_MB = 300;
/** Many times the layers of SmolLM2-135M: larger than the memory that a merge may take. */
const LARGE_SHAPE = { ...SMOL_SHAPE, num_hidden_layers: 240 };

const folder = await mkdtemp(join(tmpdir(), 'neuroada-bench-'));
try {
  for (const dtype of ['BF16', 'F32'] as const) {
    const base = join(folder, dtype);
    await writeRandomCheckpoint(base, SMOL_SHAPE, dtype);
    for (const k of [1, 20]) {
      const adapter = join(folder, `adapter ${dtype} ${String(k)}`);
      await writeSampleAdapter(base, adapter, k);
      report(await measureTime(base, adapter, `${dtype}, k = ${String(k)}`));
    }
  }
  const large = join(folder, 'large');
  await writeRandomCheckpoint(large, LARGE_SHAPE, 'BF16');
  await writeSampleAdapter(large, join(folder, 'large adapter'), 20);
  report(await measureMemory(join(folder, 'BF16'), join(folder, 'adapter BF16 20'), '0.27 GB'));
  report(await measureMemory(large, join(folder, 'large adapter'), '1.8 GB'));
} finally {
  await rm(folder, { recursive: true });
}

async function writeSampleAdapter(base: string, folder: string, k: number): Promise<void> {
  const checkpoint = await openCheckpoint(base);
  const { config, modules } = await sampleAdapter(checkpoint, { k });
  await writeAdapter(folder, config, modules);
  await checkpoint.close();
}

async function measureTime(base: string, adapter: string, name: string): Promise<BenchRow> {
  const output = join(folder, 'output');
  const ratios: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const copyMs = await timedInto(output, () => copyToDisk(base, output));
    const mergeMs = await timedInto(output, () => merge(base, adapter, output));
    if (round > 0) ratios.push(mergeMs / copyMs);
  }
  return atMost(TIME_BAR, `merge, ${name}: time / copying`, median(ratios));
}

async function timedInto(output: string, work: () => Promise<unknown>): Promise<number> {
  const elapsedMs = await timed(work);
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

async function measureMemory(base: string, adapter: string, size: string): Promise<BenchRow> {
  const output = join(folder, 'output');
  const { peakBytes } = (await resultOf('mergeProcess', base, adapter, output)) as { readonly peakBytes: number };
  await rm(output, { recursive: true });
  return atMost(MEMORY_BAR_MB, `merge of ${size}, k = 20: peak resident memory`, peakBytes / 1e6, 'MB');
}
