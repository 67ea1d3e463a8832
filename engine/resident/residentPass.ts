/** Forward and backward passes over a resident model, layer by layer: hidden states and gradients never leave the device. */
import type { DecoderConfig } from '../checkpoint/config/decoderConfig.ts';
import type { MicroBatch } from '../data/batches/microBatch.ts';
import { Graph, type FloatType } from '../graph/graph.ts';
import { cast } from '../graph/operations/elements/cast.ts';
import { embed } from '../graph/operations/places/embedding.ts';
import type { LossAndPredictions } from '../inference/forwardPass.ts';
import { predictedTokens } from '../inference/predictions.ts';
import { SharedFeedSource, type TokenRows } from '../inference/sharedFeeds.ts';
import { LAYER_NAMES, layerBackward, layerForward, type LayerOptions, type NamedGraph } from '../model/layerGraphs.ts';
import type { Session } from '../runtime/session.ts';
import { int64Tensor, isHostTensor, type DeviceTensor, type RuntimeTensor } from '../runtime/tensor.ts';
import { uploadShared, type BatchFeeds } from './batchFeeds.ts';
import type { DeviceMemory } from './deviceMemory.ts';
import { STATE_NAMES } from './optimizerGraphs.ts';
import { projectionsOf, type LayerTensors, type ResidentDeltas } from './residentDeltas.ts';
import { ResidentHead } from './residentHead.ts';
import type { ResidentModel } from './residentModel.ts';

export class ResidentPass {
  readonly #memory: DeviceMemory;
  readonly #model: ResidentModel;
  readonly #deltas: ResidentDeltas;
  readonly #head: ResidentHead;
  readonly #shared: SharedFeedSource;
  readonly #layerOptions: LayerOptions;
  readonly #sessions = new Map<string, Promise<Session>>();

  constructor(memory: DeviceMemory, model: ResidentModel, deltas: ResidentDeltas) {
    this.#memory = memory;
    this.#model = model;
    this.#deltas = deltas;
    this.#head = new ResidentHead(memory, model);
    this.#shared = new SharedFeedSource(model.config);
    this.#layerOptions = { weights: 'frozen', precision: model.precision };
  }

  /** Sum of the losses (nats) over all labels. */
  lossSum(batch: MicroBatch): Promise<number> {
    return this.#withLastHidden(batch, (hidden) =>
      this.#head.loss(hidden, { rows: batch.labelRows, labels: batch.labels, weight: 1 }),
    );
  }

  /** The same sum, and the most probable token at each label. */
  lossAndPredictions(batch: MicroBatch): Promise<LossAndPredictions> {
    return this.#withLastHidden(batch, async (hidden) => {
      const lossSum = await this.#head.loss(hidden, { rows: batch.labelRows, labels: batch.labels, weight: 1 });
      const logitsOf = (positions: Int32Array): Promise<Float32Array> => this.#head.logits(hidden, positions);
      return { lossSum, predicted: await predictedTokens(batch.labelRows, logitsOf) };
    });
  }

  /** Logits [positions, vocabulary]. */
  logits(rows: TokenRows, positions: Int32Array): Promise<Float32Array> {
    return this.#withLastHidden(rows, (hidden) => this.#head.logits(hidden, positions));
  }

  /**
   * @returns the sum of the losses, each times `labelWeight`, and each layer's gradients of its deltas, times `lossScale`,
   *   by the names of `STATE_NAMES.gradient`; the gradients belong to the caller
   */
  async gradients(
    batch: MicroBatch,
    labelWeight: number,
    lossScale: number,
  ): Promise<{ readonly loss: number; readonly gradients: readonly LayerTensors[] }> {
    const feeds = await uploadShared(this.#memory, this.#shared.feeds(batch), this.#model.layers.length);
    const kept = await this.#forward(batch, feeds, true);
    const last = kept.pop();
    if (last === undefined) throw new Error('a model has at least its embedding');
    const labelled = { rows: batch.labelRows, labels: batch.labels, weight: labelWeight };
    const { loss, gradHidden } = await this.#head.lossAndGradient(last, labelled, lossScale);
    last.dispose();
    const gradients = await this.#walkBack(kept, feeds, gradHidden);
    feeds.dispose();
    return { loss, gradients };
  }

  async release(): Promise<void> {
    await this.#head.release();
    for (const session of this.#sessions.values()) await (await session).release();
  }

  async #withLastHidden<T>(rows: TokenRows, use: (hidden: DeviceTensor) => Promise<T>): Promise<T> {
    const feeds = await uploadShared(this.#memory, this.#shared.feeds(rows), this.#model.layers.length);
    const [last] = (await this.#forward(rows, feeds, false)).slice(-1);
    if (last === undefined) throw new Error('a model has at least its embedding');
    const result = await use(last);
    last.dispose();
    feeds.dispose();
    return result;
  }

  /** The input of every layer and the last one's output; the last alone where inputs are not kept. */
  async #forward(rows: TokenRows, feeds: BatchFeeds, keepsInputs: boolean): Promise<DeviceTensor[]> {
    const states = [await this.#embed(rows)];
    for (let layer = 0; layer < this.#model.layers.length; layer++) {
      const hidden = states.at(-1) as DeviceTensor;
      const selection = this.#deltas.layout.layers[layer] ?? {};
      const session = await this.#session('layer forward', selection, () =>
        layerForward(this.#model.config, selection, 'none', this.#layerOptions),
      );
      const results = await session.run({ ...this.#layerFeeds(layer, feeds), [LAYER_NAMES.hidden]: hidden });
      states.push(onDevice(results, LAYER_NAMES.output));
      if (!keepsInputs) states.shift()?.dispose();
    }
    return states;
  }

  async #embed(rows: TokenRows): Promise<DeviceTensor> {
    const ids = int64Tensor(BigInt64Array.from(rows.tokenIds, BigInt), [rows.batchSize, rows.sequenceLength]);
    this.#memory.countUpload(ids);
    const session = await this.#session('embedding', null, () =>
      embeddingGraph(this.#model.config, this.#model.precision),
    );
    return onDevice(await session.run({ ids, table: this.#model.embedding }), LAYER_NAMES.output);
  }

  /** @param kept the layers' inputs, disposed of on the way; so is the gradient */
  async #walkBack(kept: DeviceTensor[], feeds: BatchFeeds, gradHidden: DeviceTensor): Promise<readonly LayerTensors[]> {
    const { layout } = this.#deltas;
    const lowest = layout.projections[0]?.layer ?? layout.layers.length;
    const gradients: LayerTensors[] = layout.layers.map(() => ({}));
    let gradOutput = gradHidden;
    for (let layer = kept.length - 1; layer >= 0; layer--) {
      const hidden = kept[layer] as DeviceTensor;
      if (layer >= lowest) {
        const results = await this.#layerBackward(layer, feeds, hidden, gradOutput);
        gradOutput.dispose();
        gradients[layer] = Object.fromEntries(
          projectionsOf(layout, layer).map(({ projection }) => {
            const name = STATE_NAMES.gradient(projection);
            return [name, onDevice(results, name)];
          }),
        );
        gradOutput = onDevice(results, LAYER_NAMES.gradHidden);
      }
      hidden.dispose();
    }
    gradOutput.dispose();
    return gradients;
  }

  async #layerBackward(
    layer: number,
    feeds: BatchFeeds,
    hidden: DeviceTensor,
    gradOutput: DeviceTensor,
  ): Promise<Record<string, RuntimeTensor>> {
    const selection = this.#deltas.layout.layers[layer] ?? {};
    const session = await this.#session('layer backward', selection, () =>
      layerBackward(this.#model.config, selection, 'none', this.#layerOptions),
    );
    return session.run({
      ...this.#layerFeeds(layer, feeds),
      [LAYER_NAMES.hidden]: hidden,
      [LAYER_NAMES.gradOutput]: gradOutput,
    });
  }

  #layerFeeds(layer: number, feeds: BatchFeeds): Record<string, RuntimeTensor> {
    return { ...this.#model.layers[layer], ...this.#deltas.feeds(layer), ...feeds.forLayer(layer) };
  }

  /** Layers of like shape share a session. */
  #session(name: string, shape: unknown, build: () => NamedGraph): Promise<Session> {
    const key = `${name} ${JSON.stringify(shape)}`;
    const known = this.#sessions.get(key) ?? this.#memory.createSession(name, build());
    this.#sessions.set(key, known);
    return known;
  }
}

function onDevice(results: Readonly<Record<string, RuntimeTensor>>, name: string): DeviceTensor {
  const tensor = results[name];
  if (tensor === undefined || isHostTensor(tensor)) throw new Error(`${name} is not on the device`);
  return tensor;
}

/** Inputs: table [vocabulary, hidden] and ids [batch, sequence]. Output: `output`, float32 [batch, sequence, hidden]. */
function embeddingGraph(config: DecoderConfig, precision: FloatType): NamedGraph {
  const graph = new Graph();
  const table = graph.input('table', precision, [config.vocabularySize, config.hiddenSize]);
  const ids = graph.input('ids', 'int64', ['batch', 'sequence']);
  return { graph, outputs: new Map([[LAYER_NAMES.output, cast(graph, embed(graph, table, ids), 'float32')]]) };
}
