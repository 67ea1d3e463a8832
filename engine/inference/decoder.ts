/**
 * Runs a decoder token by token over a cache of keys and values: whole prompts first, then one token of each sequence at
 * a time. One session serves all layers of like attention window and reads their weights as inputs.
 */
import type { DecoderConfig } from '../checkpoint/config/decoderConfig.ts';
import { rotaryTables } from '../checkpoint/config/rope.ts';
import { cachedHeadSize } from '../graph/operations/attention/cachedAttention.ts';
import { DECODE_NAMES, layerDecode } from '../model/decoder/decodeGraph.ts';
import { forwardTraining, withoutDropout, type LayerTraining } from '../model/layerTraining.ts';
import type { DecoderWeights } from '../model/weights/decoderWeights.ts';
import { headLogits } from '../model/decoder/headGraph.ts';
import type { Session } from '../runtime/session.ts';
import { float32Tensor, int32Tensor, type HostTensor } from '../runtime/tensor.ts';
import { embedTokens } from './embedding.ts';
import { createGraphSession, type ExecutionOptions } from './graphSession.ts';
import { KeyValueCache } from './keyValueCache.ts';
import { parameterFeeds } from './layerRunner.ts';
import { fillLogits } from './logits.ts';
import { gatherRows } from './rowCopies.ts';
import { Scratch } from './scratch.ts';

/** Logits are [rows, vocabulary] and valid until the next call. */
export interface Decoder {
  readonly config: DecoderConfig;
  openCache(rowCount: number, capacity: number): KeyValueCache;
  /** Reads prompts, none empty, into the rows from `firstRow` on; logits of the token after each. */
  readPrompts(cache: KeyValueCache, firstRow: number, prompts: readonly Int32Array[]): Promise<Float32Array>;
  /** Reads one more token of each of the first rows; logits of the token after each. */
  readTokens(cache: KeyValueCache, tokens: Int32Array): Promise<Float32Array>;
  release(): Promise<void>;
}

/** Generation is computed by the CPU: on a GPU, weights and cache would travel to it with every token. */
export type DecoderOptions = Pick<ExecutionOptions, 'threads' | 'allowSpinning'>;

/**
 * @param weights read at every call, so changes made in place are seen by tokens read afterwards
 * @param training what each layer trains, where bypasses are among it
 */
export async function createDecoder(
  weights: DecoderWeights,
  options: DecoderOptions,
  training: readonly LayerTraining[] = [],
): Promise<Decoder> {
  const { config } = weights;
  const execution: ExecutionOptions = { device: 'cpu', ...options };
  const layers = await decodeSessions(config, execution, training.map(withoutDropout));
  const head = await createGraphSession('head logits', headLogits(config), execution);
  const runner = new DecodeRunner(weights, layers, head);
  return {
    config,
    openCache: (rowCount, capacity) => new KeyValueCache(config, rowCount, capacity),
    readPrompts: (cache, firstRow, prompts) => {
      cache.lengths.fill(0, firstRow, firstRow + prompts.length);
      return runner.read(cache, firstRow, prompts);
    },
    readTokens: (cache, tokens) =>
      runner.read(
        cache,
        0,
        Array.from(tokens, (token) => Int32Array.of(token)),
      ),
    async release() {
      for (const session of new Set([...layers, head])) await session.release();
    },
  };
}

/** The session of each layer; layers of like window and bypasses share one. */
async function decodeSessions(
  config: DecoderConfig,
  execution: ExecutionOptions,
  training: readonly LayerTraining[],
): Promise<readonly Session[]> {
  const byShape = new Map<string, Session>();
  const sessions: Session[] = [];
  for (const [layer, window] of config.slidingWindows.entries()) {
    const bypasses = forwardTraining(training[layer] ?? {});
    const shape = JSON.stringify([window, bypasses]);
    const graph = layerDecode(config, window, bypasses);
    const session = byShape.get(shape) ?? (await createGraphSession('layer decode', graph, execution));
    byShape.set(shape, session);
    sessions.push(session);
  }
  return sessions;
}

class DecodeRunner {
  readonly #weights: DecoderWeights;
  readonly #layers: readonly Session[];
  readonly #head: Session;
  readonly #scratch = new Scratch();
  #tables: Readonly<Record<string, HostTensor>> = {};
  #tableLength = 0;

  constructor(weights: DecoderWeights, layers: readonly Session[], head: Session) {
    this.#weights = weights;
    this.#layers = layers;
    this.#head = head;
  }

  /** Appends texts to rows; several tokens at once only to rows that are empty, which is what the kernel can do. */
  async read(cache: KeyValueCache, firstRow: number, texts: readonly Int32Array[]): Promise<Float32Array> {
    const count = texts.length;
    const sequence = Math.max(...texts.map((text) => text.length));
    texts.forEach((text, row) => {
      cache.lengths[firstRow + row] = (cache.lengths[firstRow + row] ?? 0) + text.length;
    });
    const lengths = cache.lengths.subarray(firstRow, firstRow + count);
    if (lengths.some((length) => length > cache.capacity)) throw new RangeError('the cache is full');
    const hidden = await this.#runLayers(cache, firstRow, await this.#embed(texts, sequence), [count, sequence], {
      ...this.#angles(cache.capacity),
      [DECODE_NAMES.last]: int32Tensor(
        lengths.map((length) => length - 1),
        [count],
      ),
      [DECODE_NAMES.total]: int32Tensor(Int32Array.of(Math.max(...lengths)), [1]),
    });
    return this.#logits(
      hidden,
      Int32Array.from(texts, (text, row) => row * sequence + text.length - 1),
    );
  }

  /** [texts * sequence, hidden], padded at the right with token 0. */
  async #embed(texts: readonly Int32Array[], sequence: number): Promise<Float32Array> {
    const tokens = new Int32Array(texts.length * sequence);
    texts.forEach((text, row) => {
      tokens.set(text, row * sequence);
    });
    const hidden = this.#scratch.floats('even', tokens.length * this.#weights.config.hiddenSize);
    await embedTokens(this.#weights, tokens, hidden);
    return hidden;
  }

  async #runLayers(
    cache: KeyValueCache,
    firstRow: number,
    embedded: Float32Array,
    [count, sequence]: readonly [number, number],
    shared: Readonly<Record<string, HostTensor>>,
  ): Promise<Float32Array> {
    const shape = [count, sequence, this.#weights.config.hiddenSize];
    let hidden = embedded;
    let output = this.#scratch.floats('odd', embedded.length);
    for (const [layer, session] of this.#layers.entries()) {
      const { key, value } = cache.tensors(layer, firstRow, count);
      const past = { [DECODE_NAMES.pastKey]: key, [DECODE_NAMES.pastValue]: value };
      const feeds = {
        ...parameterFeeds(await this.#weights.layer(layer, (layer + 1) % this.#weights.config.layerCount)),
        ...shared,
        ...past,
        [DECODE_NAMES.hidden]: float32Tensor(hidden, shape),
      };
      await session.run(feeds, {
        [DECODE_NAMES.output]: float32Tensor(output, shape),
        [DECODE_NAMES.key]: key,
        [DECODE_NAMES.value]: value,
      });
      [hidden, output] = [output, hidden];
    }
    return hidden;
  }

  async #logits(hidden: Float32Array, rows: Int32Array): Promise<Float32Array> {
    const { hiddenSize, vocabularySize } = this.#weights.config;
    const last = this.#scratch.floats('last', rows.length * hiddenSize);
    gatherRows(hidden, rows, last, hiddenSize);
    const logits = this.#scratch.floats('logits', rows.length * vocabularySize);
    await fillLogits(this.#head, this.#weights, [{ hidden: last, logits }], this.#scratch);
    return logits;
  }

  #angles(length: number): Readonly<Record<string, HostTensor>> {
    if (this.#tableLength < length) {
      const { cos, sin } = rotaryTables(this.#weights.config, length);
      this.#tables = { [DECODE_NAMES.cos]: this.#widened(cos), [DECODE_NAMES.sin]: this.#widened(sin) };
      this.#tableLength = length;
    }
    return this.#tables;
  }

  /** [positions, headSize / 2] in the width of the cache's heads; the angles that are added turn zeros. */
  #widened(table: Float32Array): HostTensor {
    const { headSize } = this.#weights.config;
    const [from, to] = [headSize / 2, cachedHeadSize(headSize) / 2];
    const length = table.length / from;
    const wide = new Float32Array(length * to);
    for (let position = 0; position < length; position++) {
      wide.set(table.subarray(position * from, (position + 1) * from), position * to);
    }
    return float32Tensor(wide, [length, to]);
  }
}
