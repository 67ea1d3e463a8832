/** The working memory of selection: blocks of weight bytes as read from a file, and one row of them as magnitudes. */
import { GROUP_SIZE, instantiateMagnitudeCode } from './magnitudeCode.ts';
import { Memory } from '../wasm/host.ts';
import { NOT_FINITE_FROM, WIDENING_16, type WeightDtype } from './weightDtype.ts';

export interface MagnitudeRow {
  readonly columns: number;
  /** Two areas of `blockBytes` for weight bytes, so that one can be filled while the other is used. */
  readonly blocks: readonly [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
  /** The loaded row [columns]. */
  readonly magnitudes: Float32Array;
  /** The same as bits: of magnitudes, patterns order as the numbers do. */
  readonly patterns: Int32Array;
  /** Sum of the loaded row's magnitudes. */
  sum(): number;
  /** False where the loaded row holds an infinity or NaN. */
  isFinite(): boolean;
  /** Loads the row at byte `offset` of block `block`. */
  loadFromBlock(dtype: WeightDtype, block: 0 | 1, offset: number): void;
  /** Loads a row from elsewhere. */
  loadCopy(dtype: WeightDtype, bytes: Uint8Array): void;
  /** Room beside the row for keys to be compared. */
  readonly keys: Int32Array;
  /** @returns how many of the row's columns have a pattern XOR `flip` of at least `threshold`; see `marks` */
  markRow(threshold: number, flip: number): number;
  /** @returns how many of the first `count` keys (padded to a whole group with -1) are at least `threshold` */
  countKeys(count: number, threshold: number): number;
  /** One bit for each column of the row that was marked last, 32 in a word. */
  readonly marks: Uint32Array;
}

const PAGE_BYTES = 65536;
const TOTALS_BYTES = 32;

/** @param blockBytes capacity of each block, a multiple of 4 */
export function createMagnitudeRow(columns: number, blockBytes: number): MagnitudeRow {
  const padded = Math.ceil(columns / GROUP_SIZE) * GROUP_SIZE;
  const rowBytes = padded * 4;
  const markBytes = Math.ceil(padded / 32) * 4;
  const [magnitudeAt, keyAt, stagingAt, markAt, keyMarkAt, totalAt, blockAt, nextBlockAt, end] = layOut([
    ...[rowBytes, rowBytes, rowBytes, markBytes, markBytes, TOTALS_BYTES],
    ...[blockBytes, blockBytes],
  ]) as [number, number, number, number, number, number, number, number, number];
  const memory = new Memory({ initial: Math.ceil(end / PAGE_BYTES) });
  const code = instantiateMagnitudeCode(memory);
  const staging = new Uint8Array(memory.buffer, stagingAt, rowBytes);
  const patterns = new Int32Array(memory.buffer, magnitudeAt, padded);
  const totals: Float32Array = new Float32Array(memory.buffer, totalAt, TOTALS_BYTES / 4);
  const isPadded = padded > columns;
  let notFiniteFrom = Infinity;

  const widen = (dtype: WeightDtype, source: number): void => {
    notFiniteFrom = NOT_FINITE_FROM[dtype];
    if (dtype === 'F32') {
      code.widenF32(source, source + padded * 4, magnitudeAt, totalAt);
    } else {
      const { shift, scale } = WIDENING_16[dtype];
      code.widen16(source, source + padded * 2, magnitudeAt, totalAt, shift, scale);
    }
  };
  const loadCopy = (dtype: WeightDtype, bytes: Uint8Array): void => {
    staging.set(bytes);
    staging.fill(0, bytes.byteLength);
    widen(dtype, stagingAt);
  };
  const blocks = [blockAt, nextBlockAt].map((at) => new Uint8Array(memory.buffer, at, blockBytes));
  return {
    columns,
    blocks: blocks as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>],
    magnitudes: new Float32Array(memory.buffer, magnitudeAt, columns),
    patterns,
    keys: new Int32Array(memory.buffer, keyAt, padded),
    marks: new Uint32Array(memory.buffer, markAt, markBytes / 4),
    sum: () => totals[0]! + totals[1]! + totals[2]! + totals[3]!,
    isFinite: () =>
      totals[4]! < notFiniteFrom &&
      totals[5]! < notFiniteFrom &&
      totals[6]! < notFiniteFrom &&
      totals[7]! < notFiniteFrom,
    loadFromBlock: (dtype, block, offset) => {
      const at = block === 0 ? blockAt : nextBlockAt;
      if (isPadded) loadCopy(dtype, new Uint8Array(memory.buffer, at + offset, columns * (dtype === 'F32' ? 4 : 2)));
      else widen(dtype, at + offset);
    },
    loadCopy,
    markRow: (threshold, flip) => {
      if (isPadded) patterns.fill(~flip, columns);
      return code.mark(magnitudeAt, magnitudeAt + rowBytes, markAt, threshold, flip);
    },
    countKeys: (count, threshold) => {
      const groups = Math.ceil(count / GROUP_SIZE);
      return code.mark(keyAt, keyAt + groups * GROUP_SIZE * 4, keyMarkAt, threshold, 0);
    },
  };
}

/** Offsets of consecutive areas, each a whole number of cache lines, and the end of the last. */
function layOut(sizes: readonly number[]): readonly number[] {
  const offsets = [0];
  for (const size of sizes) offsets.push(offsets.at(-1)! + Math.ceil(size / 64) * 64);
  return offsets;
}
