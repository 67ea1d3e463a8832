/** The vector loops that widen 16-bit floats to F32, as WebAssembly: exact for every pattern, infinities and NaN included. */
import { encodeWasmModule, instruction as op, type Code, type WasmFunction } from '../../wasm/encoder.ts';
import { Instance, Module, type WasmMemory, type WasmModule } from '../../wasm/host.ts';
import { add, repeatWhileBefore, splat, V } from '../../wasm/loop.ts';

/** Elements that one round of a loop widens: arrays are padded to whole groups. */
export const GROUP_SIZE = 8;

/** Both widen the elements from byte `source` to `end`, and write from byte `target` on. */
export interface WideningCode {
  readonly widenBF16: (source: number, end: number, target: number) => void;
  readonly widenF16: (source: number, end: number, target: number) => void;
}

let compiled: WasmModule | undefined;

/** The loops, working on `memory`. */
export function instantiateWideningCode(memory: WasmMemory): WideningCode {
  compiled ??= new Module(encodeWasmModule([widenBF16, widenF16]));
  return new Instance(compiled, { host: { memory } }).exports as unknown as WideningCode;
}

const [SOURCE, END, TARGET, PATTERNS] = [0, 1, 2, 3];

/** `widened` of both halves of each group: four lanes of one 16-bit pattern each become four floats. */
const loopOver = (widened: (patterns: Code) => Code): Code => {
  const half = (index: number, unpack: Code): Code => [
    ...op.getLocal(TARGET),
    ...widened([...op.getLocal(PATTERNS), ...unpack]),
    ...op.storeVector(index * V),
  ];
  return op.loop([
    [...op.getLocal(SOURCE), ...op.loadVector(0), ...op.setLocal(PATTERNS)],
    half(0, op.widenLowI16x8),
    half(1, op.widenHighI16x8),
    add(SOURCE, V),
    add(TARGET, 2 * V),
    repeatWhileBefore(SOURCE, END),
  ]);
};

/** BF16 is the upper half of F32. */
const widenBF16: WasmFunction = {
  name: 'widenBF16',
  parameters: ['i32', 'i32', 'i32'],
  locals: ['v128'],
  body: [loopOver((patterns) => [...patterns, ...op.constantI32(16), ...op.shiftLeftI32x4])],
};

/** F32 bits of 2^112, by which the difference of the exponent biases is made good; of infinity; of F16's infinity, shifted. */
const BIAS_FACTOR = 0x77800000;
const INFINITY = 0x7f800000;
const SHIFTED_INFINITY = 0x7c00 << 13;
const SIGN = 0x8000 << 16;

/**
 * Exponent and mantissa of F16, shifted into their places in F32, read as a float and times 2^112: right for normal and
 * subnormal numbers. Where the exponent is all ones, F32's exponent is made all ones as well; the sign comes last.
 */
const widenF16: WasmFunction = {
  name: 'widenF16',
  parameters: ['i32', 'i32', 'i32'],
  locals: ['v128', 'v128', 'v128', 'v128', 'v128', 'v128', 'v128', 'v128'],
  body: (() => {
    const [lanes, signless, magnitudes, factors, infinity, shiftedInfinity, sign] = [4, 5, 6, 7, 8, 9, 10] as const;
    return [
      splat(op.constantI32(0x7fff), signless),
      splat(op.constantI32(BIAS_FACTOR), factors),
      splat(op.constantI32(INFINITY), infinity),
      splat(op.constantI32(SHIFTED_INFINITY), shiftedInfinity),
      splat(op.constantI32(SIGN), sign),
      loopOver((patterns) => [
        ...[...patterns, ...op.setLocal(lanes)],
        ...[...op.getLocal(lanes), ...op.getLocal(signless), ...op.andVector, ...op.constantI32(13)],
        ...[...op.shiftLeftI32x4, ...op.setLocal(magnitudes)],
        ...[...op.getLocal(magnitudes), ...op.getLocal(factors), ...op.multiplyF32x4],
        ...[...op.getLocal(magnitudes), ...op.getLocal(shiftedInfinity), ...op.atLeastI32x4],
        ...[...op.getLocal(infinity), ...op.andVector, ...op.orVector],
        ...[...op.getLocal(lanes), ...op.constantI32(16), ...op.shiftLeftI32x4],
        ...[...op.getLocal(sign), ...op.andVector],
        ...op.orVector,
      ]),
    ];
  })(),
};
