/** How the parameters of a layer are trained, in shape: what the layer's graph declares beside the parameters themselves. */

/** NeuroAda: deltas on k input connections of each participating neuron. */
export interface SelectedShape {
  readonly kind: 'selected';
  /** Neurons that take part. */
  readonly neuronCount: number;
  /** Selected connections of each. */
  readonly k: number;
  /** Whether only some rows of the projection take part, so that an input tells which. */
  readonly isPartial: boolean;
}

/** Deltas on entries anywhere in the matrix. */
export interface EntriesShape {
  readonly kind: 'entries';
  readonly count: number;
}

/** The parameter as a whole. */
export interface DenseShape {
  readonly kind: 'dense';
}

/** A low-rank bypass of each of the modules that the parameter's rows belong to. */
export interface LowRankShape {
  readonly kind: 'lowRank';
  readonly rank: number;
  /** What B A x is multiplied by. */
  readonly scale: number;
  /** Rows of every module in turn, and whether it has a bypass. */
  readonly modules: readonly { readonly rows: number; readonly isAdapted: boolean }[];
  /** Whether an input tells which features of x the bypass sees, and how they are scaled. */
  readonly hasDropout: boolean;
}

export type TrainedShape = SelectedShape | EntriesShape | DenseShape | LowRankShape;

/** What is trained in a layer, by the name of the parameter; parameters that are left out are frozen. */
export type LayerTraining = Readonly<Partial<Record<string, TrainedShape>>>;

/** Names of the inputs that training a parameter adds to a layer's graph. */
export const TRAINING_INPUTS = {
  delta: (parameter: string): string => `${parameter}.delta`,
  indices: (parameter: string): string => `${parameter}.indices`,
  neurons: (parameter: string): string => `${parameter}.neurons`,
  positions: (parameter: string): string => `${parameter}.positions`,
  lowRankA: (parameter: string, module: number): string => `${parameter}.lowRankA.${String(module)}`,
  lowRankB: (parameter: string, module: number): string => `${parameter}.lowRankB.${String(module)}`,
  dropout: (parameter: string): string => `${parameter}.dropout`,
} as const;

/** Output name of the gradient of an input. */
export function gradientName(input: string): string {
  return `${input}.gradient`;
}

/** Names of the inputs whose gradients training needs. */
export function trainedInputs(training: LayerTraining): readonly string[] {
  return Object.entries(training).flatMap(([parameter, shape]) => {
    switch (shape?.kind) {
      case undefined:
        return [];
      case 'dense':
        return [parameter];
      case 'lowRank':
        return shape.modules.flatMap(({ isAdapted }, module) =>
          isAdapted ? [TRAINING_INPUTS.lowRankA(parameter, module), TRAINING_INPUTS.lowRankB(parameter, module)] : [],
        );
      default:
        return [TRAINING_INPUTS.delta(parameter)];
    }
  });
}

/** The part of a layer's training that its forward pass computes: bypasses. Everything else is in the weights that are fed. */
export function forwardTraining(training: LayerTraining): LayerTraining {
  return Object.fromEntries(Object.entries(training).filter(([, shape]) => shape?.kind === 'lowRank'));
}

/** The same bypasses when nothing is dropped, as outside of training. */
export function withoutDropout(training: LayerTraining): LayerTraining {
  return Object.fromEntries(
    Object.entries(training).map(([name, shape]) => [
      name,
      shape?.kind === 'lowRank' ? { ...shape, hasDropout: false } : shape,
    ]),
  );
}
