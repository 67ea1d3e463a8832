/** The optimizer as graphs: the norm of a layer's gradients, their sum over micro-batches, and AdamW for a whole layer. */
import { Graph, type Value } from '../graph/graph.ts';
import { add, subtract } from '../graph/operations/elements/add.ts';
import { multiply } from '../graph/operations/elements/multiply.ts';
import { divide, squareRoot, sumOfSquares } from '../graph/operations/optimizer.ts';
import { scale, shift } from '../graph/operations/elements/scale.ts';
import type { NamedGraph } from '../model/layerGraphs.ts';
import type { LayerSelection } from '../model/layerInputs.ts';
import { gradientName, TRAINING_INPUTS } from '../model/layerTraining.ts';
import type { AdamWOptions } from '../training/optimization/adamW.ts';

/** Inputs of the AdamW graph that change from step to step, each [1]. */
export const STEP_INPUTS = {
  /** What gradients are multiplied by: 1, or less where they are clipped, divided by the scale of the loss. */
  clip: 'clip',
  /** 1 - learningRate * weightDecay */
  kept: 'kept',
  /** learningRate / (1 - beta1^t) */
  stepSize: 'stepSize',
  /** 1 / sqrt(1 - beta2^t) */
  secondCorrection: 'secondCorrection',
} as const;

/** Names of the inputs, and with `new.` before them the outputs, of a projection's tensors. */
export const STATE_NAMES = {
  gradient: (projection: string): string => gradientName(TRAINING_INPUTS.delta(projection)),
  delta: TRAINING_INPUTS.delta,
  firstMoment: (projection: string): string => `${projection}.firstMoment`,
  secondMoment: (projection: string): string => `${projection}.secondMoment`,
  updated: (name: string): string => `new.${name}`,
} as const;

function inputsOf(graph: Graph, selection: LayerSelection, name: (projection: string) => string): Map<string, Value> {
  return new Map(
    Object.entries(selection).map(([projection, { neuronCount, k }]) => [
      projection,
      graph.input(name(projection), 'float32', [neuronCount, k]),
    ]),
  );
}

/** Inputs: total [1] and the gradients of a layer. Output: `sum` [1] = total + the sum of their squares. */
export function squaredNormGraph(selection: LayerSelection): NamedGraph {
  const graph = new Graph();
  let sum = graph.input('total', 'float32', [1]);
  for (const gradient of inputsOf(graph, selection, STATE_NAMES.gradient).values()) {
    sum = add(graph, sum, sumOfSquares(graph, gradient));
  }
  return { graph, outputs: new Map([['sum', sum]]) };
}

/** Inputs: gradients of a layer, and those of another micro-batch with `new.` before their names. Outputs: the sums. */
export function gradientSumGraph(selection: LayerSelection): NamedGraph {
  const graph = new Graph();
  const outputs = new Map<string, Value>();
  for (const [projection, gradient] of inputsOf(graph, selection, STATE_NAMES.gradient)) {
    const name = STATE_NAMES.gradient(projection);
    const newer = graph.input(STATE_NAMES.updated(name), 'float32', gradient.shape);
    outputs.set(`sum.${name}`, add(graph, gradient, newer));
  }
  return { graph, outputs };
}

/**
 * AdamW (Loshchilov and Hutter 2019, algorithm 2) as `training/optimization/adamW.ts` computes it, for every projection of a layer.
 * Outputs: the new deltas and moments.
 */
export function adamWGraph(selection: LayerSelection, options: AdamWOptions): NamedGraph {
  const graph = new Graph();
  const [clip, kept, stepSize, secondCorrection] = Object.values(STEP_INPUTS).map((name) =>
    graph.input(name, 'float32', [1]),
  ) as [Value, Value, Value, Value];
  const moving = (average: Value, newest: Value, beta: number): Value =>
    add(graph, scale(graph, average, beta), scale(graph, newest, 1 - beta));
  const outputs = new Map<string, Value>();
  for (const [projection, raw] of inputsOf(graph, selection, STATE_NAMES.gradient)) {
    const [deltaName, firstName, secondName] = [
      STATE_NAMES.delta(projection),
      STATE_NAMES.firstMoment(projection),
      STATE_NAMES.secondMoment(projection),
    ];
    const state = (name: string): Value => graph.input(name, 'float32', raw.shape);
    const gradient = multiply(graph, raw, clip);
    const first = moving(state(firstName), gradient, options.beta1);
    const second = moving(state(secondName), multiply(graph, gradient, gradient), options.beta2);
    const root = shift(graph, multiply(graph, squareRoot(graph, second), secondCorrection), options.epsilon);
    const change = divide(graph, multiply(graph, first, stepSize), root);
    outputs.set(STATE_NAMES.updated(deltaName), subtract(graph, multiply(graph, state(deltaName), kept), change));
    outputs.set(STATE_NAMES.updated(firstName), first);
    outputs.set(STATE_NAMES.updated(secondName), second);
  }
  return { graph, outputs };
}
