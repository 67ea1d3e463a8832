/**
 * Forward layer by layer keeping each layer's input, then backward layer by layer, recomputing inside a layer what was
 * not saved. Memory for activations is one layer's, plus the kept inputs and what was saved.
 */
import type { MicroBatch } from '../../data/batches/microBatch.ts';
import type { ModelConfig } from '../../checkpoint/config/modelConfig.ts';
import { releaseAll } from '../../inference/forwardPass.ts';
import type { ExecutionOptions } from '../../inference/graphSession.ts';
import { createLayerRunner, type LayerRunner } from '../../inference/layerRunner.ts';
import type { ModelEnds, TrainedHead } from '../../inference/modelEnds.ts';
import { createEnds } from '../../inference/createEnds.ts';
import { Scratch } from '../../inference/scratch.ts';
import type { SharedFeeds } from '../../inference/sharedFeeds.ts';
import type { AnyWeights } from '../../model/weights/anyWeights.ts';
import { LAYER_NAMES, type SavedActivations } from '../../model/layerGraphs.ts';
import type { LayerTraining } from '../../model/layerTraining.ts';
import type { Session } from '../../runtime/session.ts';
import { float32Tensor, type HostTensor, type RuntimeTensor } from '../../runtime/tensor.ts';

/** Further inputs of a layer. */
export type LayerFeeds = (layer: number) => Readonly<Record<string, HostTensor>>;

/** How one layer goes backward. */
export interface BackwardStep {
  readonly layer: number;
  /** Reads hidden, gradOutput and the layer's inputs; gives gradHidden. */
  readonly session: Session;
  /**
   * Inputs beside hidden state and what all layers share.
   *
   * @param upcoming the layer that goes backward next
   */
  feeds(upcoming: number | undefined): Promise<Readonly<Record<string, HostTensor>>>;
  /** Where its gradients are written; null for new arrays. */
  fetches(): Record<string, HostTensor | null>;
  /** Takes the gradients. */
  receive(results: Readonly<Record<string, RuntimeTensor>>): void;
}

/**
 * @param training what layers train, for the bypasses that their forward pass computes
 * @param head what is trained behind the last layer
 */
export async function createLayerWalk(
  weights: AnyWeights,
  options: ExecutionOptions,
  saved: SavedActivations,
  backward: readonly BackwardStep[],
  training: readonly LayerTraining[] = [],
  head?: TrainedHead,
): Promise<LayerWalk> {
  const runner = await createLayerRunner(weights, options, saved, training);
  return new LayerWalk(weights.config, runner, createEnds(weights, options, head), backward);
}

export class LayerWalk {
  readonly #config: ModelConfig;
  readonly #runner: LayerRunner;
  readonly #ends: ModelEnds;
  readonly #backward: readonly BackwardStep[];
  readonly #scratch = new Scratch();

  /** @param backward ascending by layer */
  constructor(config: ModelConfig, runner: LayerRunner, ends: ModelEnds, backward: readonly BackwardStep[]) {
    this.#config = config;
    this.#runner = runner;
    this.#ends = ends;
    this.#backward = backward;
  }

  /**
   * Takes a micro-batch forward and backward; returns the sum of its losses, each times `labelWeight`.
   *
   * @param drawn what is drawn at random for each layer, the same in both directions
   */
  async run(batch: MicroBatch, labelWeight: number, drawn: LayerFeeds = () => ({})): Promise<number> {
    const all = this.#ends.feeds(batch);
    const shared: SharedFeeds = { forLayer: (layer) => ({ ...all.forLayer(layer), ...drawn(layer) }) };
    const kept = await this.#forward(batch, shared);
    const gradHidden = this.#hiddenBuffer('gradient even', batch);
    const loss = await this.#ends.lossAndGradient(kept.last, batch, labelWeight, gradHidden);
    await this.#walkBack(batch, shared, kept.layers, gradHidden);
    return loss;
  }

  async release(): Promise<void> {
    const sessions = new Set(this.#backward.map(({ session }) => session));
    await releaseAll([this.#runner, this.#ends, ...sessions]);
  }

  #hiddenBuffer(name: string, batch: MicroBatch): Float32Array {
    return this.#scratch.floats(name, batch.tokenIds.length * this.#config.hiddenSize);
  }

  async #forward(batch: MicroBatch, shared: SharedFeeds): Promise<{ layers: KeptLayer[]; last: Float32Array }> {
    const layers: KeptLayer[] = [];
    let hidden = this.#hiddenBuffer('hidden 0', batch);
    await this.#ends.embed(batch, hidden);
    for (let layer = 0; layer < this.#config.layerCount; layer++) {
      const output = this.#hiddenBuffer(`hidden ${String(layer + 1)}`, batch);
      layers.push({ hidden, saved: await this.#runner.forward(layer, batch, hidden, output, shared) });
      hidden = output;
    }
    return { layers, last: hidden };
  }

  async #walkBack(
    batch: MicroBatch,
    shared: SharedFeeds,
    kept: readonly KeptLayer[],
    gradHidden: Float32Array,
  ): Promise<void> {
    const shape = [batch.batchSize, batch.sequenceLength, this.#config.hiddenSize];
    let gradOutput = gradHidden;
    let gradInput = this.#hiddenBuffer('gradient odd', batch);
    for (const [index, step] of [...this.#backward.entries()].reverse()) {
      const { hidden, saved } = kept[step.layer] as KeptLayer;
      const feeds = {
        ...(await step.feeds(this.#backward[index - 1]?.layer)),
        ...shared.forLayer(step.layer),
        ...saved,
        [LAYER_NAMES.hidden]: float32Tensor(hidden, shape),
        [LAYER_NAMES.gradOutput]: float32Tensor(gradOutput, shape),
      };
      const fetches = step.fetches();
      fetches[LAYER_NAMES.gradHidden] = float32Tensor(gradInput, shape);
      step.receive(await step.session.run(feeds, fetches));
      [gradOutput, gradInput] = [gradInput, gradOutput];
    }
  }
}

interface KeptLayer {
  readonly hidden: Float32Array;
  readonly saved: Readonly<Record<string, HostTensor>>;
}
