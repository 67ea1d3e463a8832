/** The inputs that all layers of an encoder share: masks over padding and distance, and rotations where it has them. */
import type { EncoderConfig } from '../checkpoint/config/encoderConfig.ts';
import { rotaryTables } from '../checkpoint/config/rope.ts';
import { SHARED_INPUTS } from '../model/layerInputs.ts';
import { float32Tensor, int64Tensor, type HostTensor } from '../runtime/tensor.ts';
import { MASKED, type SharedFeeds, type TokenRows } from './sharedFeeds.ts';

type Feeds = Readonly<Record<string, HostTensor>>;

/** Makes the shared feeds of batches; rotation tables are kept between batches. */
export class EncoderFeedSource {
  readonly #config: EncoderConfig;
  readonly #tables = new Map<number, { readonly length: number; readonly feeds: Feeds }>();

  constructor(config: EncoderConfig) {
    this.#config = config;
  }

  feeds(rows: TokenRows): SharedFeeds {
    const known = new Map<number | null, Feeds>();
    return {
      forLayer: (layer) => {
        const reach = this.#config.reaches[layer] ?? null;
        const feeds = known.get(reach) ?? {
          [SHARED_INPUTS.mask]: bidirectionalMask(rows, reach),
          ...this.#angles(rows, reach),
        };
        known.set(reach, feeds);
        return feeds;
      },
    };
  }

  #angles({ positions, batchSize, sequenceLength }: TokenRows, reach: number | null): Feeds {
    const { positions: kind, headSize } = this.#config;
    if (kind.kind === 'learned') return {};
    const theta = reach === null ? kind.globalTheta : kind.localTheta;
    const at = int64Tensor(BigInt64Array.from(positions, BigInt), [batchSize, sequenceLength]);
    return { [SHARED_INPUTS.positions]: at, ...this.#rotary(theta, headSize, sequenceLength) };
  }

  #rotary(theta: number, headSize: number, length: number): Feeds {
    const known = this.#tables.get(theta);
    if (known !== undefined && known.length >= length) return known.feeds;
    const { cos, sin } = rotaryTables({ headSize, ropeTheta: theta, ropeScaling: { kind: 'none' } }, length);
    const shape = [length, headSize / 2];
    const feeds = { [SHARED_INPUTS.cos]: float32Tensor(cos, shape), [SHARED_INPUTS.sin]: float32Tensor(sin, shape) };
    this.#tables.set(theta, { length, feeds });
    return feeds;
  }
}

/**
 * [rows or 1, 1, length or 1, length]: position t sees the positions of its own text that are at most `reach` away. Where
 * a row holds one text and all of it is seen, one line serves all positions of the row.
 */
function bidirectionalMask({ segments, batchSize, sequenceLength }: TokenRows, reach: number | null): HostTensor {
  const length = sequenceLength;
  if (segments === null && reach === null) return float32Tensor(new Float32Array(length), [1, 1, 1, length]);
  const isPacked = segments?.some((segment) => segment > 0) === true;
  const lines = reach === null && !isPacked ? 1 : length;
  const rows = segments === null ? 1 : batchSize;
  const mask = new Float32Array(rows * lines * length).fill(MASKED);
  for (let row = 0; row < rows; row++) {
    for (let t = 0; t < lines; t++) {
      const own = lines === 1 ? 0 : segments?.[row * length + t];
      const [first, last] =
        reach === null ? [0, length - 1] : [Math.max(0, t - reach), Math.min(length - 1, t + reach)];
      const line = (row * lines + t) * length;
      for (let s = first; s <= last; s++) if (segments?.[row * length + s] === own) mask[line + s] = 0;
    }
  }
  return float32Tensor(mask, [rows, 1, lines, length]);
}
