/** The layered plan: trained by a walk through the layers, with little memory for activations. */
import { createGraphSession, type ExecutionOptions } from '../../inference/graphSession.ts';
import { parameterFeeds } from '../../inference/layerRunner.ts';
import type { TrainedHead } from '../../inference/modelEnds.ts';
import { Scratch } from '../../inference/scratch.ts';
import type { AnyWeights } from '../../model/weights/anyWeights.ts';
import { layerBackward, type SavedActivations } from '../../model/layerGraphs.ts';
import { layerKind } from '../../model/parameters/modelParameters.ts';
import type { Session } from '../../runtime/session.ts';
import { addGradients, gradientFetches, selectionFeeds } from './deltaFeeds.ts';
import { noDropout, type Dropout } from './dropout.ts';
import type { ExecutionPlan } from './executionPlan.ts';
import { createLayerWalk, type BackwardStep } from './layerWalk.ts';
import { partsOf, type TrainableLayout } from '../layouts/trainableLayout.ts';

export async function createLayeredPlan(
  weights: AnyWeights,
  layout: TrainableLayout,
  options: ExecutionOptions,
  saved: SavedActivations,
  dropout: Dropout = noDropout,
): Promise<ExecutionPlan> {
  const sessions = await createBackwardSessions(weights, layout, options, saved);
  const scratch = new Scratch();
  let target: Float32Array = new Float32Array();
  let isFirst = false;
  const selections = layout.layers.map((_, layer) => selectionFeeds(layout, layer));
  const steps = [...sessions].map(([layer, session]): BackwardStep => ({
    layer,
    session,
    feeds: async (upcoming) => ({ ...parameterFeeds(await weights.layer(layer, upcoming)), ...selections[layer] }),
    fetches: () => gradientFetches(layout, layer, scratch, '', isFirst ? target : undefined),
    receive: (results) => {
      addGradients(layout, layer, results, target);
    },
  }));
  const head = headOf(layout, (results) => {
    addGradients(layout, layout.layers.length, results, target);
  });
  const walk = await createLayerWalk(weights, options, saved, steps, layout.layers, head);
  return {
    accumulate(batch, labelWeight, gradients, place) {
      target = gradients;
      isFirst = place?.microBatch === 0;
      return walk.run(batch, labelWeight, (layer) => dropout(layer, batch, place));
    },
    release: () => walk.release(),
  };
}

/** What is trained behind the last layer, as if it were one more layer. */
function headOf(layout: TrainableLayout, receive: TrainedHead['receive']): TrainedHead | undefined {
  const parameters = partsOf(layout, layout.layers.length).map(({ input }) => input);
  return parameters.length === 0 ? undefined : { parameters, receive };
}

/**
 * One session for all layers that train alike. The walk ends at the lowest layer that trains anything; the gradient of
 * its input is computed for nothing, since a session of its own would keep as much memory as that of all other layers.
 */
async function createBackwardSessions(
  weights: AnyWeights,
  layout: TrainableLayout,
  options: ExecutionOptions,
  saved: SavedActivations,
): Promise<ReadonlyMap<number, Session>> {
  const lowest = layout.parts[0]?.layer ?? layout.layers.length;
  const byShape = new Map<string, Session>();
  const byLayer = new Map<number, Session>();
  for (let layer = lowest; layer < layout.layers.length; layer++) {
    const training = layout.layers[layer] ?? {};
    const kind = layerKind(weights.config, layer);
    const shape = JSON.stringify([kind, training]);
    const known = byShape.get(shape);
    const graph = layerBackward(weights.config, training, saved, { layer: kind, attention: options.attention });
    const session = known ?? (await createGraphSession('layer backward', graph, options));
    byShape.set(shape, session);
    byLayer.set(layer, session);
  }
  return byLayer;
}
