/** Runs a decoder's head over chosen rows of the last hidden state, in chunks that bound the memory of the logits. */
import { HEAD_NAMES, headLogits, headLossOnly, headWithGradient } from '../model/headGraph.ts';
import type { DecoderWeights } from '../model/decoderWeights.ts';
import type { Session } from '../runtime/session.ts';
import { float32Data, float32Tensor, int64Tensor, type HostTensor, type RuntimeTensor } from '../runtime/tensor.ts';
import { createGraphSession, type ExecutionOptions } from './graphSession.ts';
import { Scratch } from './scratch.ts';

/** Rows of a chunk: the runtime is at its matrix-product limit from here on, and the logits stay at V x 1 kB. */
const CHUNK_ROWS = 256;
/** Rows whose arrays, logits included, take as much memory as those of a full chunk without its logits. */
const ARENA_ROWS = 32;

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

export function createHead(weights: DecoderWeights, options: ExecutionOptions): Head {
  const { config } = weights;
  const sessions = new Map<string, Promise<Session>>();
  const session = (name: string, build: typeof headLogits): Promise<Session> => {
    const known = sessions.get(name) ?? createGraphSession(`head ${name}`, build(config), options);
    sessions.set(name, known);
    return known;
  };
  const chunks = new ChunkSource(weights);
  return {
    async lossAndGradient(hidden, labelled, gradHidden) {
      const isFirst = !sessions.has('gradient');
      const running = await session('gradient', headWithGradient);
      if (isFirst) await shapeArena(running, chunks, config.hiddenSize);
      gradHidden.fill(0);
      let total = 0;
      for (const chunk of chunks.labelled(hidden, labelled)) {
        const results = await runChunk(running, chunks, chunk);
        total += float32Data(results[HEAD_NAMES.loss])[0] ?? 0;
        scatterRows(float32Data(results[HEAD_NAMES.gradHidden]), chunk.rows, gradHidden, config.hiddenSize);
      }
      return total;
    },
    async loss(hidden, labelled) {
      const running = await session('loss', headLossOnly);
      const parameters = await chunks.parameters();
      let total = 0;
      for (const chunk of chunks.labelled(hidden, labelled)) {
        total += float32Data((await running.run({ ...parameters, ...chunk.feeds }))[HEAD_NAMES.loss])[0] ?? 0;
      }
      return total;
    },
    async logits(hidden, rows) {
      const running = await session('logits', headLogits);
      const parameters = await chunks.parameters();
      const logits = new Float32Array(rows.length * config.vocabularySize);
      for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
        const chunk = rows.subarray(start, start + CHUNK_ROWS);
        const into = logits.subarray(start * config.vocabularySize, (start + chunk.length) * config.vocabularySize);
        await running.run(
          { ...parameters, ...chunks.feeds(hidden, chunk) },
          {
            [HEAD_NAMES.logits]: float32Tensor(into, [chunk.length, config.vocabularySize]),
          },
        );
      }
      return logits;
    },
    async release() {
      for (const running of sessions.values()) await (await running).release();
    },
  };
}

async function runChunk(
  session: Session,
  chunks: ChunkSource,
  { feeds, rows }: LabelledChunk,
): Promise<Record<string, RuntimeTensor>> {
  const one = float32Tensor(Float32Array.of(1), [1, 1]);
  return session.run(
    { ...(await chunks.parameters()), ...feeds, gradLoss: one },
    {
      [HEAD_NAMES.loss]: float32Tensor(new Float32Array(1), [1, 1]),
      [HEAD_NAMES.gradHidden]: chunks.gradient(rows.length),
    },
  );
}

/**
 * Runs a few rows of zeros, so that the memory for a run's small arrays exists before its logits do. Otherwise the first
 * full chunk makes the runtime's arena grow beside its logits, and from the second on it holds room for them twice.
 */
async function shapeArena(session: Session, chunks: ChunkSource, hiddenSize: number): Promise<void> {
  const rows = Int32Array.from({ length: ARENA_ROWS }, (_, row) => row);
  const labelled = { rows, labels: new Int32Array(ARENA_ROWS), weight: 0 };
  const zeros = new Float32Array(ARENA_ROWS * hiddenSize);
  for (const chunk of chunks.labelled(zeros, labelled)) await runChunk(session, chunks, chunk);
}

interface LabelledChunk {
  readonly rows: Int32Array;
  readonly feeds: Record<string, HostTensor>;
}

/** Gathers rows into reused buffers and dresses them as feeds. */
class ChunkSource {
  readonly #scratch = new Scratch();
  readonly #hiddenSize: number;
  readonly #weights: DecoderWeights;

  constructor(weights: DecoderWeights) {
    this.#hiddenSize = weights.config.hiddenSize;
    this.#weights = weights;
  }

  /** Final norm and output embedding. */
  async parameters(): Promise<Record<string, HostTensor>> {
    const { config, finalNorm, outputEmbedding } = this.#weights;
    const embedding = await outputEmbedding.block(0, config.vocabularySize);
    return {
      [HEAD_NAMES.norm]: float32Tensor(finalNorm, [config.hiddenSize]),
      [HEAD_NAMES.embedding]: float32Tensor(embedding, [config.vocabularySize, config.hiddenSize]),
    };
  }

  feeds(hidden: Float32Array, rows: Int32Array): Record<string, HostTensor> {
    const gathered = this.#scratch.floats('rows', rows.length * this.#hiddenSize);
    rows.forEach((row, index) => {
      gathered.set(hidden.subarray(row * this.#hiddenSize, (row + 1) * this.#hiddenSize), index * this.#hiddenSize);
    });
    return { [HEAD_NAMES.hidden]: float32Tensor(gathered, [rows.length, this.#hiddenSize]) };
  }

  *labelled(hidden: Float32Array, { rows, labels, weight }: LabelledRows): Iterable<LabelledChunk> {
    for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
      const chunk = rows.subarray(start, start + CHUNK_ROWS);
      const chunkLabels = BigInt64Array.from(labels.subarray(start, start + CHUNK_ROWS), BigInt);
      const feeds = {
        ...this.feeds(hidden, chunk),
        [HEAD_NAMES.labels]: int64Tensor(chunkLabels, [chunk.length]),
        [HEAD_NAMES.weights]: float32Tensor(new Float32Array(chunk.length).fill(weight), [chunk.length, 1]),
      };
      yield { rows: chunk, feeds };
    }
  }

  gradient(rowCount: number): HostTensor {
    return float32Tensor(this.#scratch.floats('gradient', rowCount * this.#hiddenSize), [rowCount, this.#hiddenSize]);
  }
}

function scatterRows(from: Float32Array, rows: Int32Array, into: Float32Array, width: number): void {
  rows.forEach((row, index) => {
    into.set(from.subarray(index * width, (index + 1) * width), row * width);
  });
}
