/**
 * Runs a decoder's head over chosen rows of the last hidden state. The vocabulary is visited in blocks, and the rows in
 * chunks for each, so that logits of one block and chunk alone exist at a time, and the output embedding is read once.
 */
import type { DecoderConfig } from '../checkpoint/config/decoderConfig.ts';
import type { DecoderWeights } from '../model/weights/decoderWeights.ts';
import { HEAD_NAMES, headLogits, headOfSums } from '../model/decoder/headGraph.ts';
import type { NamedGraph } from '../model/layerGraphs.ts';
import type { Session } from '../runtime/session.ts';
import { float32Data } from '../runtime/tensor.ts';
import { createGraphSession, type ExecutionOptions } from './graphSession.ts';
import { LabelChunk } from './labelChunk.ts';
import { fillLogits } from './logits.ts';
import { fedLossBlocks, type LossBlocks } from './lossBlocks.ts';
import { gatherRows } from './rowCopies.ts';
import { Scratch } from './scratch.ts';

/** Rows of a chunk: the runtime is at its matrix-product limit from here on. */
const CHUNK_ROWS = 256;
/** Chunks whose sums exist at a time. */
const CHUNKS_AT_ONCE = 8;

/** Rows of the hidden state at which labels are predicted. */
export interface LabelledRows {
  /** Row numbers, distinct. */
  readonly rows: Int32Array;
  /** The token to predict at each. */
  readonly labels: Int32Array;
  /** Weight of each row's loss in the sum. */
  readonly weight: number;
}

export interface Head {
  /** The weighted sum of losses; writes its gradient into the labelled rows of `gradHidden`, and zeros elsewhere. */
  lossAndGradient(hidden: Float32Array, labelled: LabelledRows, gradHidden: Float32Array): Promise<number>;
  /** The weighted sum of losses. */
  loss(hidden: Float32Array, labelled: LabelledRows): Promise<number>;
  /** Logits [rows, vocabulary] of the given rows. */
  logits(hidden: Float32Array, rows: Int32Array): Promise<Float32Array>;
  release(): Promise<void>;
}

export function createHead(
  weights: DecoderWeights,
  options: ExecutionOptions,
  blocks: LossBlocks = fedLossBlocks(weights, options),
): Head {
  return new VocabularyHead(weights, options, blocks);
}

class VocabularyHead implements Head {
  readonly #weights: DecoderWeights;
  readonly #options: ExecutionOptions;
  readonly #blocks: LossBlocks;
  readonly #sessions = new Map<string, Promise<Session>>();
  readonly #scratch = new Scratch();
  readonly #chunks: readonly LabelChunk[];

  constructor(weights: DecoderWeights, options: ExecutionOptions, blocks: LossBlocks) {
    this.#weights = weights;
    this.#options = options;
    this.#blocks = blocks;
    this.#chunks = Array.from({ length: CHUNKS_AT_ONCE }, () => new LabelChunk(weights, this.#scratch));
  }

  async lossAndGradient(hidden: Float32Array, labelled: LabelledRows, gradHidden: Float32Array): Promise<number> {
    gradHidden.fill(0);
    return this.#loss(hidden, labelled, gradHidden);
  }

  loss(hidden: Float32Array, labelled: LabelledRows): Promise<number> {
    return this.#loss(hidden, labelled, undefined);
  }

  async logits(hidden: Float32Array, rows: Int32Array): Promise<Float32Array> {
    const { hiddenSize, vocabularySize } = this.#weights.config;
    const logits = new Float32Array(rows.length * vocabularySize);
    const gathered = this.#scratch.floats('rows', rows.length * hiddenSize);
    gatherRows(hidden, rows, gathered, hiddenSize);
    const chunks = Array.from({ length: Math.ceil(rows.length / CHUNK_ROWS) }, (_, chunk) => {
      const [start, end] = [chunk * CHUNK_ROWS, Math.min(rows.length, (chunk + 1) * CHUNK_ROWS)];
      return {
        hidden: gathered.subarray(start * hiddenSize, end * hiddenSize),
        logits: logits.subarray(start * vocabularySize, end * vocabularySize),
      };
    });
    await fillLogits(await this.#session('logits', headLogits), this.#weights, chunks, this.#scratch);
    return logits;
  }

  async release(): Promise<void> {
    await this.#blocks.release();
    for (const running of this.#sessions.values()) await (await running).release();
  }

  async #loss(hidden: Float32Array, labelled: LabelledRows, gradHidden: Float32Array | undefined): Promise<number> {
    let total = 0;
    const step = CHUNK_ROWS * CHUNKS_AT_ONCE;
    for (let start = 0; start < labelled.rows.length; start += step) {
      const part = (values: Int32Array): Int32Array => values.subarray(start, start + step);
      const some = { ...labelled, rows: part(labelled.rows), labels: part(labelled.labels) };
      total += await this.#lossOfSome(hidden, some, gradHidden);
    }
    return total;
  }

  async #lossOfSome(
    hidden: Float32Array,
    { rows, labels, weight }: LabelledRows,
    gradHidden: Float32Array | undefined,
  ): Promise<number> {
    const hasGradient = gradHidden !== undefined;
    const kind = hasGradient ? 'gradient' : 'loss';
    const chunks = this.#chunks.slice(0, Math.ceil(rows.length / CHUNK_ROWS));
    chunks.forEach((chunk, index) => {
      chunk.begin(hidden, rows.subarray(index * CHUNK_ROWS, (index + 1) * CHUNK_ROWS));
    });
    for await (const block of this.#blocks.visit(hasGradient)) {
      for (const chunk of chunks) await chunk.add(block, hasGradient);
    }
    const end = await this.#session(kind, (config) => headOfSums(config, hasGradient));
    let total = 0;
    for (const [index, chunk] of chunks.entries()) {
      const own = labels.subarray(index * CHUNK_ROWS, (index + 1) * CHUNK_ROWS);
      const results = await chunk.end(end, own, weight, hasGradient);
      total += float32Data(results[HEAD_NAMES.loss])[0] ?? 0;
      if (hasGradient) chunk.scatter(float32Data(results[HEAD_NAMES.gradHidden]), gradHidden);
    }
    return total;
  }

  #session(name: string, build: (config: DecoderConfig) => NamedGraph): Promise<Session> {
    const known =
      this.#sessions.get(name) ?? createGraphSession(`head ${name}`, build(this.#weights.config), this.#options);
    this.#sessions.set(name, known);
    return known;
  }
}
