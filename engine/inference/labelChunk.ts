/** Some labelled rows on their way through the blocks of the vocabulary, with the sums that carry over between them. */
import type { DecoderWeights } from '../model/weights/decoderWeights.ts';
import { HEAD_NAMES, nextName, SUM_NAMES } from '../model/decoder/headGraph.ts';
import type { Session } from '../runtime/session.ts';
import { float32Tensor, type HostTensor, type RuntimeTensor } from '../runtime/tensor.ts';
import { gatherRows, scatterRows } from './rowCopies.ts';
import { Scratch } from './scratch.ts';
import type { LossBlock } from './lossBlocks.ts';

const ONE = float32Tensor(Float32Array.of(1), [1, 1]);

export class LabelChunk {
  readonly #weights: DecoderWeights;
  readonly #scratch = new Scratch();
  readonly #shared: Scratch;
  #rows: Int32Array = new Int32Array();
  /** The rows [rows, hidden] and the final norm. */
  #feeds: Readonly<Record<string, HostTensor>> = {};
  #sums: Readonly<Record<string, HostTensor>> = {};
  /** Sums are read from one set of arrays and written into the other. */
  #isOdd = false;

  /** @param shared for what a chunk needs only while it ends */
  constructor(weights: DecoderWeights, shared: Scratch) {
    this.#weights = weights;
    this.#shared = shared;
  }

  /** @param hidden [positions, hidden], of which `rows` are taken */
  begin(hidden: Float32Array, rows: Int32Array): void {
    const { config, finalNorm } = this.#weights;
    const width = config.hiddenSize;
    const taken = this.#scratch.floats('rows', rows.length * width);
    gatherRows(hidden, rows, taken, width);
    this.#rows = rows;
    this.#feeds = {
      [HEAD_NAMES.hidden]: float32Tensor(taken, [rows.length, width]),
      [HEAD_NAMES.norm]: float32Tensor(finalNorm, [width]),
    };
    this.#sums = this.#sumArrays();
    const [maximum, ...others] = SUM_NAMES.map((name) => this.#sums[name]?.data as Float32Array);
    maximum?.fill(-Infinity);
    for (const data of others) data.fill(0);
  }

  async add({ session, feeds }: LossBlock, hasGradient: boolean): Promise<void> {
    const next = this.#sumArrays();
    const wanted = SUM_NAMES.filter((name) => hasGradient || name !== 'expected');
    await session.run(
      { ...this.#feeds, ...this.#sums, ...feeds },
      Object.fromEntries(wanted.map((name) => [nextName(name), next[name] as HostTensor])),
    );
    this.#sums = next;
  }

  /**
   * @param session of `headOfSums`
   * @returns its outputs
   */
  async end(
    session: Session,
    labels: Int32Array,
    weight: number,
    hasGradient: boolean,
  ): Promise<Record<string, RuntimeTensor>> {
    const { config, outputEmbedding } = this.#weights;
    const shape = [labels.length, config.hiddenSize];
    const labelRows = this.#shared.floats('label rows', labels.length * config.hiddenSize);
    await outputEmbedding.gather(labels, labelRows);
    const gradient = this.#shared.floats('gradient', labels.length * config.hiddenSize);
    return session.run(
      {
        ...this.#feeds,
        ...this.#sums,
        [HEAD_NAMES.labelRows]: float32Tensor(labelRows, shape),
        [HEAD_NAMES.weights]: float32Tensor(new Float32Array(labels.length).fill(weight), [labels.length, 1]),
        [HEAD_NAMES.gradLoss]: ONE,
      },
      {
        [HEAD_NAMES.loss]: float32Tensor(new Float32Array(1), [1, 1]),
        ...(hasGradient ? { [HEAD_NAMES.gradHidden]: float32Tensor(gradient, shape) } : {}),
      },
    );
  }

  /** Writes rows [rows, hidden] to where the chunk's rows were taken from. */
  scatter(from: Float32Array, into: Float32Array): void {
    scatterRows(from, this.#rows, into, this.#weights.config.hiddenSize);
  }

  #sumArrays(): Readonly<Record<string, HostTensor>> {
    this.#isOdd = !this.#isOdd;
    const rows = this.#rows.length;
    return Object.fromEntries(
      SUM_NAMES.map((name) => {
        const width = name === 'expected' ? this.#weights.config.hiddenSize : 1;
        const data = this.#scratch.floats(`${name} ${this.#isOdd ? 'odd' : 'even'}`, rows * width);
        return [name, float32Tensor(data, [rows, width])];
      }),
    );
  }
}
