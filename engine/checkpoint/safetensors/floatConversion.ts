/**
 * Conversion between F32 and the 16-bit float types, element by element into arrays that the caller owns. Widening is
 * exact; narrowing rounds to nearest, ties to even, as IEEE 754 and PyTorch do. 16-bit elements are raw bits.
 */

const SIGN = 0x8000;
const F32_INFINITY = 0x7f800000;
const QUIET_NAN_BF16 = 0x0040;
const F16_INFINITY = 0x7c00;
const QUIET_NAN_F16 = 0x7e00;
/** F32 bits of 2^16: everything from here on is beyond F16's range. */
const F16_OVERFLOW = 0x47800000;
/** F32 bits of 2^-14, the smallest normal F16. */
const F16_SMALLEST_NORMAL = 0x38800000;
/** Difference of the exponent biases (127 - 15) in F32's exponent field. */
const F16_BIAS_GAP = 0x38000000;

/** Widens `source` into the first elements of `target`, which may end in the same memory as `source` ends. */
export function widenBF16(source: Uint16Array, target: Float32Array): void {
  const bits = bitsOf(target, source.length);
  for (let i = 0; i < source.length; i += 1) bits[i] = (source[i] ?? 0) << 16;
}

/** Widens `source` into the first elements of `target`, which may end in the same memory as `source` ends. */
export function widenF16(source: Uint16Array, target: Float32Array): void {
  const bits = bitsOf(target, source.length);
  const table = (f16Table ??= buildF16Table());
  for (let i = 0; i < source.length; i += 1) bits[i] = table[source[i] ?? 0] ?? 0;
}

/** Rounds `source` into the first elements of `target`; from 65520 on values become infinite. */
export function narrowF16(source: Float32Array, target: Uint16Array): void {
  checkRoom(target.length, source.length);
  const bits = new Int32Array(source.buffer, source.byteOffset, source.length);
  for (let i = 0; i < bits.length; i += 1) target[i] = f16Bits(bits[i] ?? 0);
}

/** Bits of the BF16 nearest to the F32 with these bits (a signed 32-bit integer, which keeps the arithmetic fast). */
function bf16Bits(bits: number): number {
  if ((bits & 0x7fffffff) > F32_INFINITY) return (bits >>> 16) | QUIET_NAN_BF16;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) | 0) >>> 16;
}

/** Bits of the F16 nearest to the F32 with these bits. */
function f16Bits(bits: number): number {
  const sign = (bits >>> 16) & SIGN;
  const magnitude = bits & 0x7fffffff;
  if (magnitude >= F16_OVERFLOW) {
    return sign | (magnitude > F32_INFINITY ? QUIET_NAN_F16 | ((magnitude >>> 13) & 0x3ff) : F16_INFINITY);
  }
  if (magnitude >= F16_SMALLEST_NORMAL) {
    return sign | ((magnitude - F16_BIAS_GAP + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  }
  return sign | subnormalF16Bits(magnitude);
}

/** Rounds a magnitude below 2^-14 to a multiple of 2^-24. */
function subnormalF16Bits(magnitude: number): number {
  const shift = 126 - (magnitude >>> 23);
  if (shift > 24) return 0;
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const floor = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (floor & 1) === 1) ? floor + 1 : floor;
}

const scalar = new Float32Array(1);
const scalarBits = new Int32Array(scalar.buffer);

/** Bits of the BF16 nearest to `value`, which is taken as an F32. */
export function roundToBF16(value: number): number {
  scalar[0] = value;
  return bf16Bits(scalarBits[0] ?? 0);
}

/** Bits of the F16 nearest to `value`, which is taken as an F32; from 65520 on that is infinity. */
export function roundToF16(value: number): number {
  scalar[0] = value;
  return f16Bits(scalarBits[0] ?? 0);
}

/** The value with these BF16 bits. */
export function bf16Value(bits: number): number {
  scalarBits[0] = bits << 16;
  return scalar[0] ?? 0;
}

/** The value with these F16 bits. */
export function f16Value(bits: number): number {
  f16Table ??= buildF16Table();
  scalarBits[0] = f16Table[bits] ?? 0;
  return scalar[0] ?? 0;
}

let f16Table: Uint32Array | undefined;

/** F32 bits of every F16. */
function buildF16Table(): Uint32Array {
  const table = new Uint32Array(1 << 16);
  for (let bits = 0; bits < table.length; bits += 1) {
    const sign = (bits & SIGN) << 16;
    const exponent = (bits >>> 10) & 0x1f;
    const mantissa = bits & 0x3ff;
    if (exponent === 0) {
      scalar[0] = mantissa * 2 ** -24;
      table[bits] = sign | (scalarBits[0] ?? 0);
    } else {
      const wideExponent = exponent === 0x1f ? 0xff : exponent + 112;
      table[bits] = sign | (wideExponent << 23) | (mantissa << 13);
    }
  }
  return table;
}

/** The first `length` elements as bits, in place. */
function bitsOf(values: Float32Array, length: number): Uint32Array {
  checkRoom(values.length, length);
  return new Uint32Array(values.buffer, values.byteOffset, length);
}

function checkRoom(room: number, needed: number): void {
  if (room < needed) throw new RangeError(`${String(needed)} elements do not fit in ${String(room)}`);
}
