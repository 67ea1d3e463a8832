/** The vector loops of selection, as WebAssembly: widening weights to magnitudes, and marking those over a threshold. */
import { encodeWasmModule, instruction as op, type Code, type WasmFunction } from '../wasm/encoder.ts';
import { Instance, Module, type WasmMemory, type WasmModule } from '../wasm/host.ts';
import { add, repeatWhileBefore, splat, V } from '../wasm/loop.ts';

/** Elements that one round of any loop handles: arrays are padded to whole groups. */
export const GROUP_SIZE = 16;

export interface MagnitudeCode {
  /**
   * |F32| of the elements from byte `source` to `end`, to `target` on; sums and maxima of four interleaved parts go to
   * the 32 bytes at `totals`. The maxima order NaN above infinity.
   */
  readonly widenF32: (source: number, end: number, target: number, totals: number) => void;
  /** The same for 16-bit floats: the pattern without its sign, shifted left, read as a float, times `scale`. */
  readonly widen16: (source: number, end: number, target: number, totals: number, shift: number, scale: number) => void;
  /**
   * Compares the integers from byte `source` to `end`, XOR `flip`, with `threshold`: one bit each at `masks`, 1 where
   * they are at least that large.
   * @returns how many are
   */
  readonly mark: (source: number, end: number, masks: number, threshold: number, flip: number) => number;
}

let compiled: WasmModule | undefined;

/** The loops, working on `memory`. */
export function instantiateMagnitudeCode(memory: WasmMemory): MagnitudeCode {
  compiled ??= new Module(encodeWasmModule([widenF32, widen16, mark]));
  return new Instance(compiled, { host: { memory } }).exports as unknown as MagnitudeCode;
}

/** Parameters shared by the widening functions. */
const SOURCE = 0;
const END = 1;
const TARGET = 2;
const TOTALS = 3;

/** Stores `magnitudes` at the target's vector `index`, and takes them into a sum and a maximum. */
const account = (magnitudes: Code, scratch: number, index: number, sum: number, maximum: number): Code => [
  ...magnitudes,
  ...op.setLocal(scratch),
  ...op.getLocal(TARGET),
  ...op.getLocal(scratch),
  ...op.storeVector(index * V),
  ...op.getLocal(sum),
  ...op.getLocal(scratch),
  ...op.addF32x4,
  ...op.setLocal(sum),
  ...op.getLocal(maximum),
  ...op.getLocal(scratch),
  ...op.maximumI32x4,
  ...op.setLocal(maximum),
];

/** Writes the two sums and maxima as one vector each. */
const storeTotals = (sums: readonly [number, number], maxima: readonly [number, number]): Code => [
  ...op.getLocal(TOTALS),
  ...op.getLocal(sums[0]),
  ...op.getLocal(sums[1]),
  ...op.addF32x4,
  ...op.storeVector(0),
  ...op.getLocal(TOTALS),
  ...op.getLocal(maxima[0]),
  ...op.getLocal(maxima[1]),
  ...op.maximumI32x4,
  ...op.storeVector(V),
];

const widenF32: WasmFunction = {
  name: 'widenF32',
  parameters: ['i32', 'i32', 'i32', 'i32'],
  locals: ['v128', 'v128', 'v128', 'v128', 'v128'],
  body: (() => {
    const [scratch, sumA, sumB, maximumA, maximumB] = [4, 5, 6, 7, 8] as const;
    const magnitude = (index: number): Code => [...op.getLocal(SOURCE), ...op.loadVector(index * V), ...op.absF32x4];
    return [
      op.loop([
        account(magnitude(0), scratch, 0, sumA, maximumA),
        account(magnitude(1), scratch, 1, sumB, maximumB),
        add(SOURCE, 2 * V),
        add(TARGET, 2 * V),
        repeatWhileBefore(SOURCE, END),
      ]),
      storeTotals([sumA, sumB], [maximumA, maximumB]),
    ];
  })(),
};

const widen16: WasmFunction = {
  name: 'widen16',
  parameters: ['i32', 'i32', 'i32', 'i32', 'i32', 'f32'],
  locals: ['v128', 'v128', 'v128', 'v128', 'v128', 'v128', 'v128', 'v128'],
  body: (() => {
    const [shift, scale] = [4, 5] as const;
    const [scratch, patterns, signless, scales, sumA, sumB, maximumA, maximumB] = [6, 7, 8, 9, 10, 11, 12, 13] as const;
    const magnitude = (widen: Code): Code => [
      ...op.getLocal(patterns),
      ...widen,
      ...op.getLocal(shift),
      ...op.shiftLeftI32x4,
      ...op.getLocal(scales),
      ...op.multiplyF32x4,
    ];
    return [
      splat(op.constantI32(0x7fff7fff), signless),
      [...op.getLocal(scale), ...op.splatF32, ...op.setLocal(scales)],
      op.loop([
        [
          ...op.getLocal(SOURCE),
          ...op.loadVector(0),
          ...op.getLocal(signless),
          ...op.andVector,
          ...op.setLocal(patterns),
        ],
        account(magnitude(op.widenLowI16x8), scratch, 0, sumA, maximumA),
        account(magnitude(op.widenHighI16x8), scratch, 1, sumB, maximumB),
        add(SOURCE, V),
        add(TARGET, 2 * V),
        repeatWhileBefore(SOURCE, END),
      ]),
      storeTotals([sumA, sumB], [maximumA, maximumB]),
    ];
  })(),
};

const mark: WasmFunction = {
  name: 'mark',
  parameters: ['i32', 'i32', 'i32', 'i32', 'i32'],
  result: 'i32',
  locals: ['v128', 'v128', 'i32', 'i32'],
  body: (() => {
    const [masks, threshold, flip, thresholds, flips, mask, count] = [2, 3, 4, 5, 6, 7, 8] as const;
    const reached = (index: number): Code => [
      ...op.getLocal(SOURCE),
      ...op.loadVector(index * V),
      ...op.getLocal(flips),
      ...op.xorVector,
      ...op.getLocal(thresholds),
      ...op.atLeastI32x4,
    ];
    return [
      splat(op.getLocal(threshold), thresholds),
      splat(op.getLocal(flip), flips),
      op.loop([
        [...reached(0), ...reached(1), ...op.narrowToI16x8, ...reached(2), ...reached(3), ...op.narrowToI16x8],
        [...op.narrowToI8x16, ...op.bitmaskI8x16, ...op.setLocal(mask)],
        [...op.getLocal(masks), ...op.getLocal(mask), ...op.store16(0)],
        [...op.getLocal(count), ...op.getLocal(mask), ...op.countBitsI32, ...op.addI32, ...op.setLocal(count)],
        add(SOURCE, 4 * V),
        add(masks, 2),
        repeatWhileBefore(SOURCE, END),
      ]),
      op.getLocal(count),
    ];
  })(),
};
