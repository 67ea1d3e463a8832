/**
 * Training on a device whose sessions hold the frozen weights: one for each layer and for each block of the output
 * embedding. Deltas are inputs, which the graphs add to the weights. Hidden states, deltas and gradients cross between host
 * and device in every run; weights never do after the first.
 */
import { decoderEnds } from '../inference/decoderEnds.ts';
import { forwardPass, releaseAll, type ForwardPass } from '../inference/forwardPass.ts';
import type { ExecutionOptions } from '../inference/graphSession.ts';
import { createHead } from '../inference/head.ts';
import { forwardLayer, type LayerRunner } from '../inference/layerRunner.ts';
import { Scratch } from '../inference/scratch.ts';
import type { DecoderWeights } from '../model/weights/decoderWeights.ts';
import { createHostStepper } from '../training/hostStepper.ts';
import type { DeltaLayout } from '../training/layouts/deltaLayout.ts';
import { addGradients, gradientFetches } from '../training/plans/deltaFeeds.ts';
import type { ExecutionPlan } from '../training/plans/executionPlan.ts';
import { LayerWalk, type BackwardStep } from '../training/plans/layerWalk.ts';
import { createParameterUpdate } from '../training/plans/parameterUpdate.ts';
import type { Stepper } from '../training/stepper.ts';
import { FedDeltas } from './fedDeltas.ts';
import { heldLossBlocks } from './heldHead.ts';
import { createHeldLayers } from './heldLayers.ts';
import type { BranchedSession } from './heldSession.ts';
import { operatorsOnCpu } from './placement.ts';

export interface HeldExecution {
  readonly stepper: Stepper;
  /** Sees the stepper's newest deltas. */
  readonly forward: ForwardPass;
  /** Types of operators that the device leaves to the CPU. */
  readonly operatorsOnCpu: readonly string[];
  readonly release: () => Promise<void>;
}

/** @param weights frozen; of the host's copies the embeddings alone are read afterwards; released with the execution */
export async function createHeldExecution(
  weights: DecoderWeights,
  layout: DeltaLayout,
  options: ExecutionOptions,
): Promise<HeldExecution> {
  const { config } = weights;
  const onCpu = options.device === 'cpu' ? [] : await operatorsOnCpu(weights, layout, options);
  const deltas = new FedDeltas(layout);
  const layers = await createHeldLayers(weights, layout, options);
  const releaseLayers = (): Promise<void> => releaseAll(layers.map(({ first }) => first));
  const blocks = await heldLossBlocks(weights, options).catch(async (error: unknown) => {
    await releaseLayers();
    throw error;
  });
  const ends = decoderEnds(weights, options, createHead(weights, options, blocks));
  const runner: LayerRunner = {
    forward: (layer, rows, hidden, output, shared) => {
      const { first } = layers[layer] as BranchedSession;
      const feeds = { ...deltas.feeds(layer), ...shared.forLayer(layer) };
      return forwardLayer(first, rows, hidden, output, config.hiddenSize, feeds);
    },
    release: releaseLayers,
  };
  const plan = heldPlan(layout, layers, deltas, (steps) => new LayerWalk(config, runner, ends, steps));
  return {
    stepper: createHostStepper(plan, deltas, createParameterUpdate(layout)),
    forward: forwardPass(config, runner, ends),
    operatorsOnCpu: onCpu,
    release: () => releaseAll([runner, ends, weights]),
  };
}

function heldPlan(
  layout: DeltaLayout,
  layers: readonly BranchedSession[],
  deltas: FedDeltas,
  walkOf: (steps: readonly BackwardStep[]) => LayerWalk,
): ExecutionPlan {
  const scratch = new Scratch();
  const lowest = layout.projections[0]?.layer ?? layers.length;
  let target: Float32Array = new Float32Array();
  const steps = layers.slice(lowest).map(({ second }, index): BackwardStep => {
    const layer = lowest + index;
    return {
      layer,
      session: second,
      feeds: () => Promise.resolve(deltas.feeds(layer)),
      fetches: () => gradientFetches(layout, layer, scratch, '', undefined),
      receive: (results) => {
        addGradients(layout, layer, results, target);
      },
    };
  });
  const walk = walkOf(steps);
  return {
    accumulate(batch, labelWeight, gradients) {
      target = gradients;
      return walk.run(batch, labelWeight);
    },
    // The sessions belong to the execution, whose forward pass runs them as well.
    release: () => Promise.resolve(),
  };
}
