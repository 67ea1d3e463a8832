/** The inputs that all layers of a forward or backward pass share: positions, rotation angles and what tokens see. */
import type { DecoderConfig } from '../checkpoint/config/decoderConfig.ts';
import { rotaryTables } from '../checkpoint/config/rope.ts';
import type { MicroBatch } from '../data/batches/microBatch.ts';
import { SHARED_INPUTS, type AttentionKind } from '../model/layerInputs.ts';
import { float32Tensor, int32Tensor, int64Tensor, type HostTensor } from '../runtime/tensor.ts';

/** Tokens laid out in rows: what a pass needs of a micro-batch. */
export type TokenRows = Pick<
  MicroBatch,
  'batchSize' | 'sequenceLength' | 'tokenIds' | 'positions' | 'segments' | 'typeIds'
>;

/** Added to the score of a position that must not be attended to: exp of it is 0, yet a row of nothing else stays finite. */
export const MASKED = -1e9;

/** Feeds by layer; layers with the same attention window share theirs. */
export interface SharedFeeds {
  forLayer(layer: number): Readonly<Record<string, HostTensor>>;
}

/** Plain causal masks that are kept take at most so many elements together; batches of like lengths follow each other. */
const KEPT_MASK_ELEMENTS = 1 << 24;

/** Makes the shared feeds of batches; rotation tables and the last plain causal masks are kept between batches. */
export class SharedFeedSource {
  readonly #config: DecoderConfig;
  readonly #attention: AttentionKind;
  readonly #causalMasks = new Map<string, HostTensor>();
  #tables: { readonly cos: HostTensor; readonly sin: HostTensor } | undefined;
  #tableLength = 0;

  constructor(config: DecoderConfig, attention: AttentionKind = 'whole') {
    this.#config = config;
    this.#attention = attention;
  }

  feeds(rows: TokenRows): SharedFeeds {
    const { batchSize, sequenceLength } = rows;
    const { cos, sin } = this.#rotaryTables(sequenceLength);
    const positions = int64Tensor(BigInt64Array.from(rows.positions, BigInt), [batchSize, sequenceLength]);
    const { positions: p, cos: c, sin: s } = SHARED_INPUTS;
    const angles = { [p]: positions, [c]: cos, [s]: sin };
    const seen = new Map<number | null, Readonly<Record<string, HostTensor>>>();
    return {
      forLayer: (layer) => {
        const window = this.#config.slidingWindows[layer] ?? null;
        const feeds = seen.get(window) ?? this.#seen(rows, window);
        seen.set(window, feeds);
        return { ...angles, ...feeds };
      },
    };
  }

  /** What says which tokens a token sees. */
  #seen(rows: TokenRows, window: number | null): Readonly<Record<string, HostTensor>> {
    if (this.#attention === 'whole') return { [SHARED_INPUTS.mask]: this.#mask(rows, window) };
    const { batchSize, sequenceLength } = rows;
    const segments = rows.segments ?? new Int32Array(batchSize * sequenceLength);
    return {
      [SHARED_INPUTS.segments]: int32Tensor(segments, [batchSize, sequenceLength]),
      [SHARED_INPUTS.window]: int64Tensor(BigInt64Array.of(BigInt(window ?? sequenceLength)), [1]),
    };
  }

  #rotaryTables(length: number): { readonly cos: HostTensor; readonly sin: HostTensor } {
    if (this.#tables === undefined || this.#tableLength < length) {
      this.#tableLength = length;
      const { cos, sin } = rotaryTables(this.#config, length);
      const shape = [length, this.#config.headSize / 2];
      this.#tables = { cos: float32Tensor(cos, shape), sin: float32Tensor(sin, shape) };
    }
    return this.#tables;
  }

  #mask(rows: TokenRows, window: number | null): HostTensor {
    if (rows.segments !== null) return segmentMask(rows.segments, rows.batchSize, rows.sequenceLength, window);
    const length = rows.sequenceLength;
    const reach = window ?? length;
    const key = `${String(length)},${String(reach)}`;
    const known = this.#causalMasks.get(key);
    if (known !== undefined) return known;
    const oneSegment = new Int32Array(length);
    const mask = segmentMask(oneSegment, 1, length, window);
    this.#keep(key, mask);
    return mask;
  }

  /** The oldest masks make room. */
  #keep(key: string, mask: HostTensor): void {
    const elements = (): number => [...this.#causalMasks.values()].reduce((total, { data }) => total + data.length, 0);
    for (const oldest of this.#causalMasks.keys()) {
      if (elements() + mask.data.length <= KEPT_MASK_ELEMENTS) break;
      this.#causalMasks.delete(oldest);
    }
    if (mask.data.length <= KEPT_MASK_ELEMENTS) this.#causalMasks.set(key, mask);
  }
}

/** [rows, 1, length, length]: position t sees the positions of its own segment among its last `window` ones, itself included. */
function segmentMask(segments: Int32Array, rowCount: number, length: number, window: number | null): HostTensor {
  const mask = new Float32Array(rowCount * length * length).fill(MASKED);
  const reach = window ?? length;
  for (let row = 0; row < rowCount; row++) {
    for (let t = 0; t < length; t++) {
      const segment = segments[row * length + t];
      const line = (row * length + t) * length;
      for (let s = Math.max(0, t - reach + 1); s <= t; s++) {
        if (segments[row * length + s] === segment) mask[line + s] = 0;
      }
    }
  }
  return float32Tensor(mask, [rowCount, 1, length, length]);
}
