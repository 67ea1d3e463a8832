/**
 * Buffers that are used again from run to run. Memory that a process touches for the first time is slow (about 3 ms per
 * megabyte where it was measured), so the large intermediate arrays of a step are kept and grow only when they must.
 */

export class Scratch {
  readonly #buffers = new Map<string, Float32Array>();

  /** The first `length` elements of the buffer of this name; what they hold is whatever was last written. */
  floats(name: string, length: number): Float32Array {
    const known = this.#buffers.get(name);
    if (known !== undefined && known.length >= length) return known.subarray(0, length);
    const grown = new Float32Array(length);
    this.#buffers.set(name, grown);
    return grown;
  }
}
