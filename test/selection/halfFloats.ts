/** F16 numbers for tests, valued by the definition of IEEE 754 binary16. */

export function valueOfF16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** Finite numbers of every exponent, both signs and both zeros, with a few repeated; an odd count of them. */
export const F16_EXAMPLES = Uint16Array.from({ length: 255 }, (_, i) =>
  i % 10 === 0 ? (i % 20 === 0 ? 0x8000 : 0x3555) : ((i * 251) % 0x7c00) | (i % 3 === 0 ? 0x8000 : 0),
);
