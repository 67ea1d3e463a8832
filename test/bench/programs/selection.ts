/** Selection against one plain pass over the same weights: every weight read from the file once, widened and summed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint, type Checkpoint } from '../../../engine/checkpoint/checkpoint.ts';
import { selectConnections } from '../../../engine/selection/selection.ts';
import { linearModules } from '../../../engine/selection/targetModules.ts';
import { SMOL_SHAPE, writeRandomCheckpoint } from '../randomCheckpoint.ts';
import { atMost, report, type BenchRow } from '../row.ts';
import { interleaved } from '../timing.ts';

const ROUNDS = 7;
const BAR = 2;
const BLOCK_BYTES = 4 << 20;

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

const folder = await mkdtemp(join(tmpdir(), 'neuroada-bench-'));
try {
  for (const dtype of ['BF16', 'F32'] as const) {
    const path = join(folder, dtype);
    await writeRandomCheckpoint(path, SMOL_SHAPE, dtype);
    const checkpoint = await openCheckpoint(path);
    for (const k of [1, 20]) report(await measureRatio(checkpoint, dtype, k));
    await checkpoint.close();
  }
} finally {
  await rm(folder, { recursive: true });
}

async function measureRatio(checkpoint: Checkpoint, dtype: 'BF16' | 'F32', k: number): Promise<BenchRow> {
  const options = { strategy: 'magnitude', neuronShare: 1, gradientBatches: 1, k } as const;
  const { ratio } = await interleaved(
    ROUNDS,
    () => selectConnections(checkpoint, options, 42),
    () => plainPass(checkpoint, dtype),
  );
  return atMost(BAR, `selection with its statistics, ${dtype}, k = ${String(k)}: time / plain pass`, ratio);
}

/** The sum of |w| over the same matrices, read in the same blocks. */
async function plainPass(checkpoint: Checkpoint, dtype: 'BF16' | 'F32'): Promise<number> {
  const buffer = new Uint8Array(BLOCK_BYTES);
  let sum = 0;
  for (const { module } of linearModules(checkpoint.config)) {
    const { file, entry } = checkpoint.tensor(`${module}.weight`);
    for (let offset = 0; offset < entry.byteLength; offset += BLOCK_BYTES) {
      const block = buffer.subarray(0, Math.min(BLOCK_BYTES, entry.byteLength - offset));
      await file.readInto(entry.name, offset, block);
      sum += dtype === 'F32' ? sumF32(block) : sumBF16(block);
    }
  }
  return sum;
}

function sumF32(block: Uint8Array<ArrayBuffer>): number {
  const weights = new Float32Array(block.buffer, 0, block.byteLength / 4);
  let sum = 0;
  for (let i = 0; i < weights.length; i += 1) sum += Math.abs(weights[i]!);
  return sum;
}

function sumBF16(block: Uint8Array<ArrayBuffer>): number {
  const weights = new Uint16Array(block.buffer, 0, block.byteLength / 2);
  let sum = 0;
  for (let i = 0; i < weights.length; i += 1) {
    scratchBits[0] = weights[i]! << 16;
    sum += Math.abs(scratch[0]!);
  }
  return sum;
}
