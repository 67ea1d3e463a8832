/**
 * Debiased exponential moving average: m_t = s m_{t-1} + (1 - s) x_t from m_0 = 0, shown as m_t / (1 - s^t), so that the
 * start is not drawn towards zero (the bias correction of Adam, Kingma and Ba 2015, section 3). Numbers that are not
 * finite leave a gap and do not count.
 */
import { Column } from './column.ts';

/** The average of a growing column, carried on from where the last call ended. */
export class SmoothedColumn {
  readonly #source: Column;
  #averages = new Column();
  #smoothing = Number.NaN;
  #mean = 0;
  /** 1 - s^t. */
  #weight = 0;

  constructor(source: Column) {
    this.#source = source;
  }

  /** @param smoothing weight of the past, from 0 to below 1 */
  view(smoothing: number): Float64Array {
    if (smoothing !== this.#smoothing) {
      this.reset();
      this.#smoothing = smoothing;
    }
    const source = this.#source.view();
    for (let index = this.#averages.length; index < source.length; index++) this.#append(source[index]!);
    return this.#averages.view();
  }

  /** Forgets everything: numbers that were averaged have been taken back. */
  reset(): void {
    this.#averages = new Column();
    this.#mean = 0;
    this.#weight = 0;
  }

  #append(value: number): void {
    if (!Number.isFinite(value)) {
      this.#averages.push(Number.NaN);
      return;
    }
    const smoothing = this.#smoothing;
    this.#mean = smoothing * this.#mean + (1 - smoothing) * value;
    this.#weight = smoothing * this.#weight + (1 - smoothing);
    this.#averages.push(this.#mean / this.#weight);
  }
}
