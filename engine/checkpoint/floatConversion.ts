/** Conversion between 16-bit and 32-bit floats, in bulk and into arrays that the caller owns. */

const floatView = new Float32Array(1);
const bitsView = new Uint32Array(floatView.buffer);

/** The value of every F16 pattern (IEEE 754 binary16). */
let f16Values: Float32Array | undefined;

function f16Table(): Float32Array {
  f16Values ??= Float32Array.from({ length: 0x10000 }, (_, bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
  });
  return f16Values;
}

/** Widens F16 bits; exact. */
export function widenF16(from: Uint16Array, into: Float32Array): void {
  const table = f16Table();
  for (let i = 0; i < from.length; i++) into[i] = table[from[i] ?? 0] ?? 0;
}

/** Widens BF16 bits, the upper halves of floats; exact. */
export function widenBF16(from: Uint16Array, into: Float32Array): void {
  const bits = new Uint32Array(into.buffer, into.byteOffset, into.length);
  for (let i = 0; i < from.length; i++) bits[i] = (from[i] ?? 0) << 16;
}

/** The BF16 bits nearest to a float, ties to even. */
export function roundToBF16(value: number): number {
  floatView[0] = value;
  const bits = bitsView[0] ?? 0;
  if (Number.isNaN(value)) return (bits >>> 16) | 0x40;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** The F16 bits nearest to a float, ties to even; values beyond 65504 + 16 become infinite. */
export function roundToF16(value: number): number {
  floatView[0] = value;
  const bits = bitsView[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  if (Number.isNaN(value)) return sign | 0x7e00;
  const magnitude = Math.abs(floatView[0]);
  if (magnitude >= 65520) return sign | 0x7c00;
  const unit = magnitude < 2 ** -14 ? 2 ** -24 : 2 ** (Math.floor(Math.log2(magnitude)) - 10);
  return sign | patternOf(roundHalfEven(magnitude / unit), unit);
}

/** The pattern of `count` units of the last place: an overflowing count carries into the exponent by itself. */
function patternOf(count: number, unit: number): number {
  const exponent = unit === 2 ** -24 && count < 1024 ? 0 : Math.log2(unit) + 25;
  return exponent === 0 ? count : (exponent << 10) + (count - 1024);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
