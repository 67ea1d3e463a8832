/**
 * The optimizer's step over a layout, and the way back to the values before it: deltas are remembered, which costs little;
 * parameters that are trained as a whole are computed back, so that no second copy of them exists.
 */
import { adamWStep, undoAdamWStep, type AdamWOptions, type AdamWState } from '../optimization/adamW.ts';
import { hasDenseValues, type DenseValues, type TrainableLayout } from '../layouts/trainableLayout.ts';

/** What a step is taken with. */
export interface UpdateRequest {
  /** From 1. */
  readonly step: number;
  readonly learningRate: number;
  readonly optimizer: AdamWOptions;
}

export interface ParameterUpdate {
  /** Takes `values` as the newest ones that are known to be good. */
  begin(values: Float32Array): void;
  /** One AdamW step, in place; the values before it are those to go back to. */
  apply(values: Float32Array, gradients: Float32Array, state: AdamWState, request: UpdateRequest): void;
  /** Goes back to the values before the last step, if one was taken. */
  undo(values: Float32Array, state: AdamWState): void;
}

export function createParameterUpdate(layout: TrainableLayout): ParameterUpdate {
  return hasDenseValues(layout) ? denseUpdate(layout) : deltaUpdate();
}

function deltaUpdate(): ParameterUpdate {
  let lastGood = new Float32Array();
  return {
    begin(values) {
      lastGood = values.slice();
    },
    apply(values, gradients, state, { step, learningRate, optimizer }) {
      lastGood.set(values);
      adamWStep(values, gradients, state, step, learningRate, optimizer);
    },
    undo(values) {
      values.set(lastGood);
    },
  };
}

/** Part by part: where a mask says which entries are trained, the others do not decay. */
function denseUpdate(layout: TrainableLayout): ParameterUpdate {
  let last: UpdateRequest | undefined;
  return {
    begin() {
      last = undefined;
    },
    apply(values, gradients, state, request) {
      const { step, learningRate, optimizer } = request;
      for (const part of layout.parts) {
        const { parameters, moments } = rangeOf(part, values, state);
        const partGradients = gradients.subarray(part.offset, part.offset + part.length);
        const mask = maskOf(part);
        if (mask !== null) multiplyMasked(parameters, mask, 1 - learningRate * optimizer.weightDecay);
        const options = mask === null ? optimizer : { ...optimizer, weightDecay: 0 };
        adamWStep(parameters, partGradients, moments, step, learningRate, options);
      }
      last = request;
    },
    undo(values, state) {
      if (last === undefined) return;
      const { step, learningRate, optimizer } = last;
      for (const part of layout.parts) {
        const { parameters, moments } = rangeOf(part, values, state);
        const mask = maskOf(part);
        const options = mask === null ? optimizer : { ...optimizer, weightDecay: 0 };
        undoAdamWStep(parameters, moments, step, learningRate, options);
        if (mask !== null) multiplyMasked(parameters, mask, 1 / (1 - learningRate * optimizer.weightDecay));
      }
      last = undefined;
    },
  };
}

function maskOf(part: { readonly kind: string } & Partial<Pick<DenseValues, 'mask'>>): Uint8Array | null {
  return part.mask ?? null;
}

function rangeOf(
  { offset, length }: Pick<DenseValues, 'offset' | 'length'>,
  values: Float32Array,
  { firstMoment, secondMoment }: AdamWState,
): { parameters: Float32Array; moments: AdamWState } {
  const cut = (array: Float32Array): Float32Array => array.subarray(offset, offset + length);
  return {
    parameters: cut(values),
    moments: { firstMoment: cut(firstMoment), secondMoment: cut(secondMoment) },
  };
}

function multiplyMasked(values: Float32Array, mask: Uint8Array, factor: number): void {
  if (factor === 1) return;
  for (let i = 0; i < values.length; i++) if (mask[i] === 1) values[i] = (values[i] ?? 0) * factor;
}
