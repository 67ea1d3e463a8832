/** The layered plan: trained by a walk through the layers, with little memory for activations. */
import { createGraphSession, type ExecutionOptions } from '../inference/graphSession.ts';
import { Scratch } from '../inference/scratch.ts';
import type { DecoderWeights } from '../model/decoderWeights.ts';
import { layerBackward, type SavedActivations } from '../model/layerGraphs.ts';
import type { Session } from '../runtime/session.ts';
import { addGradients, gradientFetches, selectionFeeds } from './deltaFeeds.ts';
import type { ExecutionPlan } from './executionPlan.ts';
import { createLayerWalk, type BackwardStep } from './layerWalk.ts';
import type { TrainableLayout } from './trainableLayout.ts';

export async function createLayeredPlan(
  weights: DecoderWeights,
  layout: TrainableLayout,
  options: ExecutionOptions,
  saved: SavedActivations,
): Promise<ExecutionPlan> {
  const sessions = await createBackwardSessions(weights, layout, options, saved);
  const scratch = new Scratch();
  let target: Float32Array = new Float32Array();
  const steps = [...sessions].map(([layer, session]): BackwardStep => ({
    layer,
    session,
    feeds: selectionFeeds(layout, layer),
    fetches: () => gradientFetches(layout, layer, scratch),
    receive: (results) => {
      addGradients(layout, layer, results, target);
    },
  }));
  const walk = await createLayerWalk(weights, options, saved, steps, layout.layers);
  return {
    accumulate(batch, labelWeight, gradients) {
      target = gradients;
      return walk.run(batch, labelWeight);
    },
    release: () => walk.release(),
  };
}

/**
 * One session for all layers that train alike. The walk ends at the lowest layer that trains anything; the gradient of
 * its input is computed for nothing, since a session of its own would keep as much memory as that of all other layers.
 */
async function createBackwardSessions(
  weights: DecoderWeights,
  layout: TrainableLayout,
  options: ExecutionOptions,
  saved: SavedActivations,
): Promise<ReadonlyMap<number, Session>> {
  const lowest = layout.parts[0]?.layer ?? layout.layers.length;
  const byShape = new Map<string, Session>();
  const byLayer = new Map<number, Session>();
  for (let layer = lowest; layer < layout.layers.length; layer++) {
    const training = layout.layers[layer] ?? {};
    const shape = JSON.stringify(training);
    const known = byShape.get(shape);
    const graph = layerBackward(weights.config, training, saved);
    const session = known ?? (await createGraphSession('layer backward', graph, options));
    byShape.set(shape, session);
    byLayer.set(layer, session);
  }
  return byLayer;
}
