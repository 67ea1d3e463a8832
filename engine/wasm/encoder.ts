/**
 * Just enough of the WebAssembly binary format (core specification 2.0, chapter 5) to write a few vector loops: JavaScript
 * has no vector instructions, and reading billions of weights is where they matter.
 */

export type ValueType = 'i32' | 'f32' | 'v128';

const VALUE_TYPES: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };
const BLOCK_WITHOUT_RESULT = 0x40;
const VECTOR_PREFIX = 0xfd;

/** Instructions as encoded bytes; a list of them is a piece of code. */
export type Code = readonly number[];

export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly result?: ValueType;
  /** Types of the locals that follow the parameters. */
  readonly locals: readonly ValueType[];
  readonly body: readonly Code[];
}

/** A binary module that imports its memory as `host.memory` and exports `functions` by name. */
export function encodeWasmModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters, result }) => [
    0x60,
    ...vector(parameters.map((type) => [VALUE_TYPES[type]])),
    ...vector(result === undefined ? [] : [[VALUE_TYPES[result]]]),
  ]);
  const memory = [...text('host'), ...text('memory'), 0x02, 0x00, ...unsigned(0)];
  const exported = functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, types),
    ...section(2, [memory]),
    ...section(
      3,
      functions.map((_, index) => unsigned(index)),
    ),
    ...section(7, exported),
    ...section(10, functions.map(encodeBody)),
  ]);
}

export const instruction = {
  getLocal: (index: number): Code => [0x20, ...unsigned(index)],
  setLocal: (index: number): Code => [0x21, ...unsigned(index)],
  constantI32: (value: number): Code => [0x41, ...signed(value)],
  addI32: [0x6a],
  lessThanUnsignedI32: [0x49],
  countBitsI32: [0x69],
  /** Repeats `body`; a branch to depth 0 inside it starts the next round. */
  loop: (body: readonly Code[]): Code => [0x03, BLOCK_WITHOUT_RESULT, ...body.flat(), 0x0b],
  branchIf: (depth: number): Code => [0x0d, ...unsigned(depth)],
  store16: (offset: number): Code => [0x3b, ...unsigned(1), ...unsigned(offset)],
  loadVector: (offset: number): Code => vectorCode(0, 0x00, ...unsigned(offset)),
  storeVector: (offset: number): Code => vectorCode(11, 0x00, ...unsigned(offset)),
  splatI32: vectorCode(17),
  splatF32: vectorCode(19),
  /** Signed comparison of four integers: all ones where the first is at least the second. */
  atLeastI32x4: vectorCode(63),
  andVector: vectorCode(78),
  orVector: vectorCode(80),
  xorVector: vectorCode(81),
  bitmaskI8x16: vectorCode(100),
  narrowToI8x16: vectorCode(101),
  narrowToI16x8: vectorCode(133),
  widenLowI16x8: vectorCode(169),
  widenHighI16x8: vectorCode(170),
  shiftLeftI32x4: vectorCode(171),
  /** Signed; of sign-cleared floats it is the maximum too, with NaN above all. */
  maximumI32x4: vectorCode(184),
  absF32x4: vectorCode(224),
  addF32x4: vectorCode(228),
  multiplyF32x4: vectorCode(230),
} as const;

function vectorCode(opcode: number, ...immediates: readonly number[]): Code {
  return [VECTOR_PREFIX, ...unsigned(opcode), ...immediates];
}

function encodeBody({ locals, body }: WasmFunction): readonly number[] {
  const declared = vector(locals.map((type) => [...unsigned(1), VALUE_TYPES[type]]));
  const bytes = [...declared, ...body.flat(), 0x0b];
  return [...unsigned(bytes.length), ...bytes];
}

function section(id: number, items: readonly (readonly number[])[]): readonly number[] {
  const content = vector(items);
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly (readonly number[])[]): readonly number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): readonly number[] {
  return vector([...new TextEncoder().encode(value)].map((byte) => [byte]));
}

/** LEB128 of a non-negative integer. */
function unsigned(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** LEB128 of a signed 32-bit integer. */
function signed(value: number): readonly number[] {
  const low = value & 0x7f;
  const rest = value >> 7;
  const isLast = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
  return isLast ? [low] : [low | 0x80, ...signed(rest)];
}
