/** The head on a device, over chunks of labelled rows: losses come to the host, the gradient stays. */
import type { DecoderConfig } from '../checkpoint/config/decoderConfig.ts';
import { differentiate } from '../graph/differentiate.ts';
import { Graph, type FloatType, type Value } from '../graph/graph.ts';
import { add } from '../graph/operations/elements/add.ts';
import { gatherRows, scatterRows } from '../graph/operations/places/gatherRows.ts';
import { reshape, reshapeTo } from '../graph/operations/places/reshape.ts';
import { productOf } from '../graph/shape.ts';
import { HEAD_NAMES, headLoss, logitsOfRows } from '../model/decoder/headGraph.ts';
import { LAYER_NAMES, type NamedGraph } from '../model/layerGraphs.ts';
import type { Session } from '../runtime/session.ts';
import { float32Data, float32Tensor, int64Tensor, isHostTensor } from '../runtime/tensor.ts';
import type { DeviceTensor, HostTensor, RuntimeTensor } from '../runtime/tensor.ts';
import type { DeviceMemory } from './deviceMemory.ts';
import type { ResidentModel } from './residentModel.ts';

/** Rows whose logits exist at a time. */
const CHUNK_ROWS = 256;

const ROWS = 'labelRows';
/** The same rows as [rows, 1]: the provider reshapes no int64. */
const PLACES = 'labelPlaces';
const EARLIER = 'earlierGradHidden';

/** Rows of a pass and what they should predict; `weight` is that of each label's loss. */
export interface LabelledRows {
  readonly rows: Int32Array;
  readonly labels: Int32Array;
  readonly weight: number;
}

export class ResidentHead {
  readonly #memory: DeviceMemory;
  readonly #model: ResidentModel;
  readonly #sessions = new Map<string, Promise<Session>>();

  constructor(memory: DeviceMemory, model: ResidentModel) {
    this.#memory = memory;
    this.#model = model;
  }

  /**
   * @param hidden [batch, sequence, hidden]; the gradient has its shape and belongs to the caller
   * @param lossScale what the gradient, not the loss, is multiplied by
   */
  async lossAndGradient(
    hidden: DeviceTensor,
    labelled: LabelledRows,
    lossScale: number,
  ): Promise<{ readonly loss: number; readonly gradHidden: DeviceTensor }> {
    const { config, precision } = this.#model;
    // dL/dL, where the walk back begins.
    const start = { [LAYER_NAMES.gradOutput]: float32Tensor(Float32Array.of(lossScale), [1, 1]) };
    let total = 0;
    let gradHidden: DeviceTensor | undefined;
    for (const chunk of chunksOf(labelled)) {
      const kind = gradHidden === undefined ? 'first' : 'next';
      const session = await this.#session(`head, ${kind} chunk`, () =>
        lossWithGradient(config, precision, kind === 'next'),
      );
      const earlier = gradHidden === undefined ? {} : { [EARLIER]: gradHidden };
      const feeds = { ...start, ...this.#labelFeeds(chunk), ...earlier, [HEAD_NAMES.hidden]: hidden };
      const results = await this.#run(session, feeds);
      total += this.#lossOf(results);
      gradHidden?.dispose();
      gradHidden = onDevice(results[HEAD_NAMES.gradHidden]);
    }
    if (gradHidden === undefined) throw new Error('a micro-batch without labels has no gradient');
    return { loss: total, gradHidden };
  }

  async loss(hidden: DeviceTensor, labelled: LabelledRows): Promise<number> {
    const session = await this.#session('head loss', () => lossOnly(this.#model.config, this.#model.precision));
    let total = 0;
    for (const chunk of chunksOf(labelled)) {
      total += this.#lossOf(await this.#run(session, { ...this.#labelFeeds(chunk), [HEAD_NAMES.hidden]: hidden }));
    }
    return total;
  }

  /** Logits [rows, vocabulary] of the given rows. */
  async logits(hidden: DeviceTensor, rows: Int32Array): Promise<Float32Array> {
    const session = await this.#session('head logits', () =>
      logitsOfPositions(this.#model.config, this.#model.precision),
    );
    const width = this.#model.config.vocabularySize;
    const logits = new Float32Array(rows.length * width);
    for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
      const feeds = { [ROWS]: this.#integers(rows.subarray(start, start + CHUNK_ROWS)), [HEAD_NAMES.hidden]: hidden };
      const data = float32Data((await this.#run(session, feeds))[HEAD_NAMES.logits]);
      this.#memory.countDownload(data);
      logits.set(data, start * width);
    }
    return logits;
  }

  async release(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release();
  }

  #run(session: Session, feeds: Readonly<Record<string, RuntimeTensor>>): Promise<Record<string, RuntimeTensor>> {
    return session.run({ ...this.#model.head, ...feeds });
  }

  #lossOf(results: Readonly<Record<string, RuntimeTensor>>): number {
    const loss = float32Data(results[HEAD_NAMES.loss]);
    this.#memory.countDownload(loss);
    return loss[0] ?? NaN;
  }

  #labelFeeds({ rows, labels, weight }: LabelledRows): Record<string, HostTensor> {
    const weights = float32Tensor(new Float32Array(rows.length).fill(weight), [rows.length, 1]);
    this.#memory.countUpload(weights);
    return {
      [ROWS]: this.#integers(rows),
      [PLACES]: this.#integers(rows, [rows.length, 1]),
      [HEAD_NAMES.labels]: this.#integers(labels),
      [HEAD_NAMES.weights]: weights,
    };
  }

  #integers(values: Int32Array, shape = [values.length]): HostTensor {
    const tensor = int64Tensor(BigInt64Array.from(values, BigInt), shape);
    this.#memory.countUpload(tensor);
    return tensor;
  }

  #session(name: string, build: () => NamedGraph): Promise<Session> {
    const known =
      this.#sessions.get(name) ?? this.#memory.createSession(name, build(), [HEAD_NAMES.loss, HEAD_NAMES.logits]);
    this.#sessions.set(name, known);
    return known;
  }
}

function* chunksOf({ rows, labels, weight }: LabelledRows): Iterable<LabelledRows> {
  for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
    const end = start + CHUNK_ROWS;
    yield { rows: rows.subarray(start, end), labels: labels.subarray(start, end), weight };
  }
}

function onDevice(tensor: RuntimeTensor | undefined): DeviceTensor {
  if (tensor === undefined || isHostTensor(tensor)) throw new Error('a gradient was brought to the host');
  return tensor;
}

/**
 * The hidden state [batch, sequence, hidden] as an input, its tokens as rows, and those [rows, hidden] that are asked for.
 */
function chosenRows(
  graph: Graph,
  config: DecoderConfig,
): { readonly hidden: Value; readonly flat: Value; readonly rows: Value } {
  const hidden = graph.input(HEAD_NAMES.hidden, 'float32', ['batch', 'sequence', config.hiddenSize]);
  const flat = reshape(graph, hidden, [productOf(hidden.shape.slice(0, 2)), config.hiddenSize]);
  return { hidden, flat, rows: gatherRows(graph, flat, graph.input(ROWS, 'int64', ['rows'])) };
}

function lossOnly(config: DecoderConfig, precision: FloatType): NamedGraph {
  const graph = new Graph();
  const { rows } = chosenRows(graph, config);
  return { graph, outputs: new Map([[HEAD_NAMES.loss, headLoss(graph, config, rows, '', precision)]]) };
}

/** @param hasEarlier whether the gradient of earlier chunks is an input, to which this chunk's is added */
function lossWithGradient(config: DecoderConfig, precision: FloatType, hasEarlier: boolean): NamedGraph {
  const graph = new Graph();
  const { hidden, flat, rows } = chosenRows(graph, config);
  const loss = headLoss(graph, config, rows, '', precision);
  const one = graph.input(LAYER_NAMES.gradOutput, 'float32', [1, 1]);
  const [gradRows] = differentiate(graph, new Map([[loss, one]]), [rows]);
  if (gradRows === undefined) throw new Error('the loss does not depend on the hidden state');
  const places = graph.input(PLACES, 'int64', ['rows', 1]);
  const own = reshapeTo(graph, scatterRows(graph, gradRows, places, flat), hidden);
  const gradHidden = hasEarlier ? add(graph, graph.input(EARLIER, 'float32', hidden.shape), own) : own;
  return {
    graph,
    outputs: new Map([
      [HEAD_NAMES.loss, loss],
      [HEAD_NAMES.gradHidden, gradHidden],
    ]),
  };
}

function logitsOfPositions(config: DecoderConfig, precision: FloatType): NamedGraph {
  const graph = new Graph();
  const { rows } = chosenRows(graph, config);
  return {
    graph,
    outputs: new Map([[HEAD_NAMES.logits, logitsOfRows(graph, config, rows, config.vocabularySize, precision)]]),
  };
}
