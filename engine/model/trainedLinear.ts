/** A linear layer in whichever way it is trained. */
import type { Graph, Value } from '../graph/graph.ts';
import { add } from '../graph/operations/elements/add.ts';
import type { SelectedConnections } from '../graph/operations/products/deltaGradient.ts';
import { entryLinear, type TrainedEntries } from '../graph/operations/products/entryLinear.ts';
import { linear } from '../graph/operations/products/linear.ts';
import { multiply } from '../graph/operations/elements/multiply.ts';
import { scale } from '../graph/operations/elements/scale.ts';
import { concatenate, split } from '../graph/operations/places/split.ts';
import type { LowRankShape, TrainedShape } from './layerTraining.ts';
import { TRAINING_INPUTS } from './layerTraining.ts';

/** Low-rank bypasses of the modules whose rows a matrix holds. */
export interface LowRankBypass {
  readonly kind: 'lowRank';
  /** Every module's rows in turn; A [rank, in] and B [rows, rank] where it has a bypass. */
  readonly modules: readonly { readonly rows: number; readonly factors: { a: Value; b: Value } | undefined }[];
  readonly scale: number;
  /** What the features of x are multiplied by before A: 0, or 1 / (1 - p). */
  readonly dropout: Value | undefined;
}

/** The trainable part of a linear layer, as values of its graph. */
export type TrainedWeight =
  | ({ readonly kind: 'selected' } & SelectedConnections)
  | ({ readonly kind: 'entries' } & TrainedEntries)
  | LowRankBypass;

/** Declares the inputs that training a weight [out, in] in this way needs; nothing where the weight itself is trained. */
export function trainedWeight(
  graph: Graph,
  name: string,
  [, columns]: readonly [number, number],
  shape: TrainedShape | undefined,
): TrainedWeight | undefined {
  switch (shape?.kind) {
    case undefined:
    case 'dense':
      return undefined;
    case 'selected': {
      const { kind, neuronCount, k, isPartial } = shape;
      return {
        kind,
        delta: graph.input(TRAINING_INPUTS.delta(name), 'float32', [neuronCount, k]),
        indices: graph.input(TRAINING_INPUTS.indices(name), 'int32', [neuronCount, k]),
        neurons: isPartial ? graph.input(TRAINING_INPUTS.neurons(name), 'int32', [neuronCount]) : undefined,
      };
    }
    case 'entries': {
      const { kind, count } = shape;
      return {
        kind,
        delta: graph.input(TRAINING_INPUTS.delta(name), 'float32', [count]),
        positions: graph.input(TRAINING_INPUTS.positions(name), 'int32', [count]),
      };
    }
    case 'lowRank':
      return lowRankInputs(graph, name, columns, shape);
  }
}

function lowRankInputs(graph: Graph, name: string, columns: number, shape: LowRankShape): LowRankBypass {
  const { kind, rank, scale: factor, modules, hasDropout } = shape;
  const dropoutShape = ['batch', 'sequence', columns];
  return {
    kind,
    scale: factor,
    dropout: hasDropout ? graph.input(TRAINING_INPUTS.dropout(name), 'float32', dropoutShape) : undefined,
    modules: modules.map(({ rows, isAdapted }, module) => ({
      rows,
      factors: isAdapted
        ? {
            a: graph.input(TRAINING_INPUTS.lowRankA(name, module), 'float32', [rank, columns]),
            b: graph.input(TRAINING_INPUTS.lowRankB(name, module), 'float32', [rows, rank]),
          }
        : undefined,
    })),
  };
}

/**
 * x W^T with what is trained beside W.
 *
 * @param input [batch, sequence, in]
 * @param weight [out, in]
 */
export function trainedLinear(graph: Graph, input: Value, weight: Value, trained: TrainedWeight | undefined): Value {
  switch (trained?.kind) {
    case undefined:
      return linear(graph, input, weight);
    case 'selected':
      return linear(graph, input, weight, trained);
    case 'entries':
      return entryLinear(graph, input, weight, trained);
    case 'lowRank':
      return withBypass(graph, input, linear(graph, input, weight), trained);
  }
}

/** y + scale B A dropout(x), module by module (Hu et al. 2021, equation 3). */
function withBypass(graph: Graph, input: Value, output: Value, bypass: LowRankBypass): Value {
  const seen = bypass.dropout === undefined ? input : multiply(graph, input, bypass.dropout);
  const axis = output.shape.length - 1;
  const sizes = bypass.modules.map(({ rows }) => rows);
  const parts = sizes.length === 1 ? [output] : split(graph, output, axis, sizes);
  const adapted = parts.map((part, module) => {
    const factors = bypass.modules[module]?.factors;
    if (factors === undefined) return part;
    const inner = linear(graph, seen, factors.a);
    return add(graph, part, scale(graph, linear(graph, inner, factors.b), bypass.scale));
  });
  const [only] = adapted;
  return adapted.length === 1 && only !== undefined ? only : concatenate(graph, adapted, axis);
}
