/**
 * The layered plan: forward layer by layer keeping each layer's input, then backward layer by layer, recomputing inside a
 * layer what was not saved. Memory for activations is one layer's, plus the kept inputs.
 */
import type { MicroBatch } from '../data/microBatch.ts';
import { embedTokens } from '../inference/embedding.ts';
import { releaseAll } from '../inference/forwardPass.ts';
import { createGraphSession, type ExecutionOptions } from '../inference/graphSession.ts';
import { createHead, type Head } from '../inference/head.ts';
import { createLayerRunner, parameterFeeds, type LayerRunner } from '../inference/layerRunner.ts';
import { Scratch } from '../inference/scratch.ts';
import { SharedFeedSource, type SharedFeeds } from '../inference/sharedFeeds.ts';
import type { DecoderWeights } from '../model/decoderWeights.ts';
import { LAYER_NAMES, layerBackward, type SavedActivations } from '../model/layerGraphs.ts';
import type { LayerSelection } from '../model/layerInputs.ts';
import type { Session } from '../runtime/session.ts';
import { float32Tensor, type HostTensor } from '../runtime/tensor.ts';
import { addGradients, gradientFetches, selectionFeeds } from './deltaFeeds.ts';
import type { DeltaLayout } from './deltaLayout.ts';
import type { ExecutionPlan } from './executionPlan.ts';

export async function createLayeredPlan(
  weights: DecoderWeights,
  layout: DeltaLayout,
  options: ExecutionOptions,
  saved: SavedActivations,
): Promise<ExecutionPlan> {
  const runner = await createLayerRunner(weights, options, saved);
  const head = createHead(weights, options);
  const backward = await createBackwardSessions(weights, layout, options, saved);
  return new LayeredPlan(weights, layout, runner, head, backward);
}

/** The lowest layer that trains anything: the backward walk ends there. */
function lowestTrained(layout: DeltaLayout): number {
  return layout.projections[0]?.layer ?? layout.layers.length;
}

/** One session for all layers that train alike; the lowest trained layer needs no gradient of its input. */
async function createBackwardSessions(
  weights: DecoderWeights,
  layout: DeltaLayout,
  options: ExecutionOptions,
  saved: SavedActivations,
): Promise<ReadonlyMap<number, Session>> {
  const lowest = lowestTrained(layout);
  const byShape = new Map<string, Session>();
  const byLayer = new Map<number, Session>();
  for (let layer = lowest; layer < layout.layers.length; layer++) {
    const selection: LayerSelection = layout.layers[layer] ?? {};
    const needsGradHidden = layer > lowest;
    const shape = JSON.stringify([selection, needsGradHidden]);
    const graph = (): ReturnType<typeof layerBackward> => layerBackward(weights.config, selection, saved, needsGradHidden);
    const session = byShape.get(shape) ?? (await createGraphSession('layer backward', graph(), options));
    byShape.set(shape, session);
    byLayer.set(layer, session);
  }
  return byLayer;
}

class LayeredPlan implements ExecutionPlan {
  readonly #weights: DecoderWeights;
  readonly #layout: DeltaLayout;
  readonly #runner: LayerRunner;
  readonly #head: Head;
  readonly #backward: ReadonlyMap<number, Session>;
  readonly #shared: SharedFeedSource;
  readonly #scratch = new Scratch();
  readonly #layerFeeds: readonly Readonly<Record<string, HostTensor>>[];

  constructor(
    weights: DecoderWeights,
    layout: DeltaLayout,
    runner: LayerRunner,
    head: Head,
    backward: ReadonlyMap<number, Session>,
  ) {
    this.#weights = weights;
    this.#layout = layout;
    this.#runner = runner;
    this.#head = head;
    this.#backward = backward;
    this.#shared = new SharedFeedSource(weights.config);
    this.#layerFeeds = weights.layers.map((_, layer) => ({
      ...parameterFeeds(weights, layer),
      ...selectionFeeds(layout, layer),
    }));
  }

  async accumulate(batch: MicroBatch, labelWeight: number, gradients: Float32Array): Promise<number> {
    const shared = this.#shared.feeds(batch);
    const kept = await this.#forward(batch, shared);
    const gradHidden = this.#hiddenBuffer('gradient even', batch);
    const labelled = { rows: batch.labelRows, labels: batch.labels, weight: labelWeight };
    const loss = await this.#head.lossAndGradient(kept.last, labelled, gradHidden);
    await this.#walkBack(batch, shared, kept.layers, gradHidden, gradients);
    return loss;
  }

  async release(): Promise<void> {
    await releaseAll([this.#runner, this.#head, ...new Set(this.#backward.values())]);
  }

  #hiddenBuffer(name: string, batch: MicroBatch): Float32Array {
    return this.#scratch.floats(name, batch.tokenIds.length * this.#weights.config.hiddenSize);
  }

  async #forward(batch: MicroBatch, shared: SharedFeeds): Promise<{ layers: KeptLayer[]; last: Float32Array }> {
    const layers: KeptLayer[] = [];
    let hidden = this.#hiddenBuffer('hidden 0', batch);
    embedTokens(this.#weights, batch.tokenIds, hidden);
    for (let layer = 0; layer < this.#weights.layers.length; layer++) {
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
    gradients: Float32Array,
  ): Promise<void> {
    const shape = [batch.batchSize, batch.sequenceLength, this.#weights.config.hiddenSize];
    let gradOutput = gradHidden;
    let gradInput = this.#hiddenBuffer('gradient odd', batch);
    for (const [layer, session] of [...this.#backward].reverse()) {
      const { hidden, saved } = kept[layer] as KeptLayer;
      const feeds = {
        ...this.#layerFeeds[layer],
        ...shared.forLayer(layer),
        ...saved,
        [LAYER_NAMES.hidden]: float32Tensor(hidden, shape),
        [LAYER_NAMES.gradOutput]: float32Tensor(gradOutput, shape),
      };
      const fetches = gradientFetches(this.#layout, layer, this.#scratch);
      if (session.outputNames.includes(LAYER_NAMES.gradHidden)) {
        fetches[LAYER_NAMES.gradHidden] = float32Tensor(gradInput, shape);
      }
      addGradients(this.#layout, layer, await session.run(feeds, fetches), gradients);
      [gradOutput, gradInput] = [gradInput, gradOutput];
    }
  }
}

interface KeptLayer {
  readonly hidden: Float32Array;
  readonly saved: Readonly<Record<string, HostTensor>>;
}
