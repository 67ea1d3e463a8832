/** A growing column of numbers: appended to as a run goes on, cut back where it resumes from an earlier step. */

const FIRST_CAPACITY = 256;

export class Column {
  #numbers = new Float64Array(FIRST_CAPACITY);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#numbers.length) {
      const grown = new Float64Array(2 * this.#length);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    this.#numbers[this.#length] = value;
    this.#length += 1;
  }

  /** Keeps the first `length` numbers. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  /** The numbers so far, not copied: valid until the next change. */
  view(): Float64Array {
    return this.#numbers.subarray(0, this.#length);
  }
}

/** The first index whose number is at least `value` in an ascending column; its length where there is none. */
export function lowerBound(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
