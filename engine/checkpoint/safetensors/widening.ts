/** Widens arrays of 16-bit floats to float32 with vector instructions, in pieces that stay in the processor's cache. */
import { Memory } from '../../wasm/host.ts';
import { GROUP_SIZE, instantiateWideningCode, type WideningCode } from './wideningCode.ts';

/** Elements of a piece: its bits and its floats together take 192 kB. */
const PIECE_ELEMENTS = 1 << 15;
const PAGE_BYTES = 1 << 16;
/** Where the floats begin in the loops' memory; the bits begin at 0. */
const FLOATS_OFFSET = PIECE_ELEMENTS * 2;

interface Machine {
  readonly code: WideningCode;
  readonly bits: Uint16Array;
  readonly floats: Float32Array;
}

let machine: Machine | undefined;

function startMachine(): Machine {
  const memory = new Memory({ initial: (PIECE_ELEMENTS * 6) / PAGE_BYTES });
  return {
    code: instantiateWideningCode(memory),
    bits: new Uint16Array(memory.buffer, 0, PIECE_ELEMENTS),
    floats: new Float32Array(memory.buffer, FLOATS_OFFSET, PIECE_ELEMENTS),
  };
}

/**
 * Widens `source`, bits of the element type `dtype`, into the first elements of `target`. The two may end in the same
 * memory: no element is overwritten before it is read.
 */
export function widen(dtype: 'F16' | 'BF16', source: Uint16Array, target: Float32Array): void {
  if (target.length < source.length) {
    throw new RangeError(`${String(source.length)} elements do not fit in ${String(target.length)}`);
  }
  const { code, bits, floats } = (machine ??= startMachine());
  const loop = dtype === 'F16' ? code.widenF16 : code.widenBF16;
  for (let start = 0; start < source.length; start += PIECE_ELEMENTS) {
    const piece = source.subarray(start, start + PIECE_ELEMENTS);
    bits.set(piece);
    loop(0, Math.ceil(piece.length / GROUP_SIZE) * GROUP_SIZE * 2, FLOATS_OFFSET);
    target.set(floats.subarray(0, piece.length), start);
  }
}
