/** The keys and values of the tokens that a decoder has read, for several sequences at once, kept from step to step. */
import type { DecoderConfig } from '../checkpoint/config/decoderConfig.ts';
import { cachedHeadSize } from '../graph/operations/attention/cachedAttention.ts';
import { float32Tensor, type HostTensor } from '../runtime/tensor.ts';

interface LayerCache {
  readonly keys: Float32Array;
  readonly values: Float32Array;
}

/** Each row is one sequence. Memory that was never written is not touched, so a generous capacity costs nothing. */
export class KeyValueCache {
  readonly rowCount: number;
  /** Tokens that a row can hold. */
  readonly capacity: number;
  /** Tokens that each row holds. */
  readonly lengths: Int32Array;
  readonly #layers: readonly LayerCache[];
  readonly #rowShape: readonly [keyValueHeads: number, capacity: number, headSize: number];

  constructor(config: DecoderConfig, rowCount: number, capacity: number) {
    this.rowCount = rowCount;
    this.capacity = capacity;
    this.lengths = new Int32Array(rowCount);
    this.#rowShape = [config.keyValueHeadCount, capacity, cachedHeadSize(config.headSize)];
    const size = rowCount * this.#rowSize;
    this.#layers = Array.from({ length: config.layerCount }, () => ({
      keys: new Float32Array(size),
      values: new Float32Array(size),
    }));
  }

  /** A layer's keys and values [count, keyValueHeads, capacity, headSize] of adjacent rows, to be read and written. */
  tensors(layer: number, firstRow: number, count: number): { readonly key: HostTensor; readonly value: HostTensor } {
    const { keys, values } = this.#layerOf(layer);
    const [start, end] = [firstRow * this.#rowSize, (firstRow + count) * this.#rowSize];
    const shape = [count, ...this.#rowShape];
    return {
      key: float32Tensor(keys.subarray(start, end), shape),
      value: float32Tensor(values.subarray(start, end), shape),
    };
  }

  /** Puts the sequence of row `from` in the place of row `to`. */
  moveRow(from: number, to: number): void {
    if (from === to) return;
    const length = this.lengths[from] ?? 0;
    const [heads, capacity, headSize] = this.#rowShape;
    for (const { keys, values } of this.#layers) {
      for (let head = 0; head < heads; head++) {
        const source = (from * heads + head) * capacity * headSize;
        const target = (to * heads + head) * capacity * headSize;
        for (const data of [keys, values]) data.copyWithin(target, source, source + length * headSize);
      }
    }
    this.lengths[to] = length;
  }

  get #rowSize(): number {
    return this.#rowShape.reduce((product, size) => product * size, 1);
  }

  #layerOf(layer: number): LayerCache {
    const cache = this.#layers[layer];
    if (cache === undefined) throw new Error(`the cache has no layer ${String(layer)}`);
    return cache;
  }
}
