/**
 * All weights of a window pooled into the cells of a tile. A weight's bits, rotated left by one, order as magnitudes do
 * (and of equal ones the negative comes last), so pooling is a maximum of integers in any order of rows and columns.
 */
import { widenBF16, widenF16 } from '../../checkpoint/safetensors/floatConversion.ts';
import { CancelledError } from '../../errors/expected.ts';
import type { WeightTile } from '../../protocol/connections/inspection.ts';
import type { Axis } from './axis.ts';
import { rowRuns, type RowRun } from './rowRuns.ts';
import type { TileGrid } from './tileGrid.ts';
import { WorkspacePool } from '../pools/workspacePool.ts';
import type { WeightMatrix } from './weightMatrix.ts';

/** Reads under way at a time, by all requests: enough to hide their latency. */
const PARALLEL_READS = 4;

/** Reads into memory that grows to what a run of rows needs, at most `BLOCK_BYTES` or a row. */
interface ReadArea {
  bytes: Uint8Array;
}

const areas = new WorkspacePool<ReadArea>(PARALLEL_READS, () => ({ bytes: new Uint8Array(0) }));

/** @throws CancelledError */
export async function weightTile(grid: TileGrid, matrix: WeightMatrix, signal: AbortSignal): Promise<WeightTile> {
  const { height, width } = grid;
  const best = new Uint32Array(height * width);
  const runs = rowRuns(grid.rows.indices, matrix.rowBytes).values();
  const work = async (): Promise<void> => {
    for (const run of runs) {
      await areas.use(async (area) => {
        if (signal.aborted) throw new CancelledError();
        const sizeBytes = run.rowCount * matrix.rowBytes;
        if (area.bytes.byteLength < sizeBytes) area.bytes = new Uint8Array(sizeBytes);
        const bytes = area.bytes.subarray(0, sizeBytes);
        await matrix.readRows(run.firstRow, bytes);
        poolRows(run, matrix, bytes, grid, best);
      });
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_READS }, work));
  return { height, width, weights: unrotated(best, matrix) };
}

function poolRows(run: RowRun, matrix: WeightMatrix, bytes: Uint8Array, grid: TileGrid, best: Uint32Array): void {
  const isWide = matrix.dtype === 'F32';
  const elementsPerRow = matrix.rowBytes / (isWide ? 4 : 2);
  const count = run.rowCount * elementsPerRow;
  for (const row of run.wanted) {
    const cells = best.subarray(
      grid.rows.cellOfIndex[row]! * grid.width,
      (grid.rows.cellOfIndex[row]! + 1) * grid.width,
    );
    const start = (row - run.firstRow) * elementsPerRow;
    if (isWide) poolWide(new Uint32Array(bytes.buffer, bytes.byteOffset, count), start, grid.columns, cells);
    else poolNarrow(new Uint16Array(bytes.buffer, bytes.byteOffset, count), start, grid.columns, cells);
  }
}

function poolNarrow(bits: Uint16Array, start: number, columns: Axis, cells: Uint32Array): void {
  const { indices, cellOfIndex, runLength } = columns;
  if (runLength !== undefined) {
    poolNarrowRuns(bits.subarray(start + (indices[0] ?? 0)).subarray(0, indices.length), runLength, cells);
    return;
  }
  for (let i = 0; i < indices.length; i += 1) {
    const column = indices[i]!;
    const key = narrowKey(bits[start + column]!);
    const cell = cellOfIndex[column]!;
    if (key > cells[cell]!) cells[cell] = key;
  }
}

/** Cells side by side, each of `runLength` weights: without a look-up for each weight it takes half the time. */
function poolNarrowRuns(bits: Uint16Array, runLength: number, cells: Uint32Array): void {
  let i = 0;
  for (let cell = 0; i < bits.length; cell += 1) {
    const end = Math.min(bits.length, i + runLength);
    let best = cells[cell]!;
    for (; i < end; i += 1) {
      const key = narrowKey(bits[i]!);
      if (key > best) best = key;
    }
    cells[cell] = best;
  }
}

function poolWide(bits: Uint32Array, start: number, { indices, cellOfIndex }: Axis, cells: Uint32Array): void {
  for (let i = 0; i < indices.length; i += 1) {
    const column = indices[i]!;
    const pattern = bits[start + column]!;
    const key = ((pattern << 1) | (pattern >>> 31)) >>> 0;
    const cell = cellOfIndex[column]!;
    if (key > cells[cell]!) cells[cell] = key;
  }
}

function narrowKey(pattern: number): number {
  return ((pattern << 1) & 0xffff) | (pattern >>> 15);
}

/** Patterns of 16 bits on their way to float32: memory for one tile, used anew by each. */
let patterns = new Uint16Array(0);

/** @param keys become the weights, in place */
function unrotated(keys: Uint32Array<ArrayBuffer>, { dtype }: WeightMatrix): Float32Array {
  const weights = new Float32Array(keys.buffer);
  if (dtype === 'F32') {
    for (let cell = 0; cell < keys.length; cell += 1) keys[cell] = (keys[cell]! >>> 1) | (keys[cell]! << 31);
    return weights;
  }
  if (patterns.length < keys.length) patterns = new Uint16Array(keys.length);
  const bits = patterns.subarray(0, keys.length);
  for (let cell = 0; cell < keys.length; cell += 1) bits[cell] = (keys[cell]! >>> 1) | ((keys[cell]! & 1) << 15);
  if (dtype === 'F16') widenF16(bits, weights);
  else widenBF16(bits, weights);
  return weights;
}
