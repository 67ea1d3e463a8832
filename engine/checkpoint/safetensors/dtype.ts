/** The element types of the safetensors format and their sizes. */

const ELEMENT_SIZES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  F8_E8M0: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
  C64: 8,
} as const;

/** An element type by its safetensors name. */
export type Dtype = keyof typeof ELEMENT_SIZES;

/** Every element type, smallest first. */
export const DTYPES = Object.keys(ELEMENT_SIZES) as readonly Dtype[];

export function isDtype(name: unknown): name is Dtype {
  return typeof name === 'string' && Object.hasOwn(ELEMENT_SIZES, name);
}

/** Bytes of one element. */
export function elementSize(dtype: Dtype): number {
  return ELEMENT_SIZES[dtype];
}

/** Number of elements, or undefined where it or its size in bytes is no exact number. */
export function elementCount(shape: readonly number[]): number | undefined {
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (!Number.isSafeInteger(count) || count * 8 > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return count;
}
