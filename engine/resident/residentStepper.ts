/** Steps whose weights, deltas, moments and gradients stay on the device: losses and one norm a step come to the host. */
import type { FloatType } from '../graph/graph.ts';
import type { LayerSelection } from '../model/layerInputs.ts';
import type { Session } from '../runtime/session.ts';
import {
  float32Tensor,
  isHostTensor,
  type DeviceTensor,
  type HostTensor,
  type RuntimeTensor,
} from '../runtime/tensor.ts';
import {
  afterGoodStep,
  afterOverflow,
  INITIAL_LOSS_SCALE,
  type LossScale,
} from '../training/optimization/lossScale.ts';
import type { StepOutcome, Stepper, StepRequest } from '../training/stepper.ts';
import type { TrainingState } from '../training/trainingState.ts';
import type { DeviceMemory } from './deviceMemory.ts';
import { adamWGraph, gradientSumGraph, squaredNormGraph, STATE_NAMES, STEP_INPUTS } from './optimizerGraphs.ts';
import { disposeAll, disposeState, type LayerState, type LayerTensors, type ResidentDeltas } from './residentDeltas.ts';
import type { ResidentPass } from './residentPass.ts';

/** Added to the norm by the reference's clipping, and by `clipGradients`. */
const NORM_EPSILON = 1e-6;

export class ResidentStepper implements Stepper {
  readonly #memory: DeviceMemory;
  readonly #pass: ResidentPass;
  readonly #deltas: ResidentDeltas;
  readonly #sessions = new Map<string, Promise<Session>>();
  readonly #precision: FloatType;
  /** In float16 alone. */
  #lossScale: LossScale | undefined;
  /** The state before the last update: the newest one that is known to give a finite loss. */
  #lastGood: readonly LayerState[] | undefined;

  constructor(memory: DeviceMemory, pass: ResidentPass, deltas: ResidentDeltas, precision: FloatType) {
    this.#memory = memory;
    this.#pass = pass;
    this.#deltas = deltas;
    this.#precision = precision;
  }

  async load(state: TrainingState): Promise<void> {
    this.#forgetLastGood();
    this.#lossScale = this.#precision === 'float16' ? (state.lossScale ?? INITIAL_LOSS_SCALE) : undefined;
    await this.#deltas.load(state);
  }

  /** Gradients that a loss scale made infinite are computed again with half of it: no batch goes by without an update. */
  async step(request: StepRequest): Promise<StepOutcome> {
    for (;;) {
      const scale = this.#lossScale?.scale ?? 1;
      const { loss, gradients } = await this.#batchGradients(request, scale);
      const gradNorm = Math.sqrt(await this.#squaredNorm(gradients)) / scale;
      const isGood = Number.isFinite(loss) && Number.isFinite(gradNorm);
      if (isGood) await this.#update(request, gradients, gradNorm, scale);
      for (const layer of gradients) disposeAll(layer);
      if (isGood) {
        this.#lossScale = this.#lossScale && afterGoodStep(this.#lossScale);
        return { loss, gradNorm };
      }
      const smaller =
        Number.isFinite(loss) && this.#lossScale !== undefined ? afterOverflow(this.#lossScale) : undefined;
      if (smaller === undefined) {
        this.#goBack();
        return { loss, gradNorm };
      }
      this.#lossScale = smaller;
    }
  }

  async save(state: TrainingState): Promise<void> {
    state.lossScale = this.#lossScale;
    await this.#deltas.save(state);
  }

  async release(): Promise<void> {
    this.#forgetLastGood();
    for (const session of this.#sessions.values()) await (await session).release();
  }

  async #batchGradients(
    { microBatches, labelWeight }: StepRequest,
    lossScale: number,
  ): Promise<{ readonly loss: number; readonly gradients: readonly LayerTensors[] }> {
    let total = 0;
    let gradients: readonly LayerTensors[] | undefined;
    for (const batch of microBatches) {
      const { loss, gradients: newer } = await this.#pass.gradients(batch, labelWeight, lossScale);
      total += loss;
      gradients = gradients === undefined ? newer : await this.#sum(gradients, newer);
    }
    return { loss: total, gradients: gradients ?? [] };
  }

  async #sum(older: readonly LayerTensors[], newer: readonly LayerTensors[]): Promise<readonly LayerTensors[]> {
    const sums: LayerTensors[] = [];
    for (const [layer, selection] of this.#trained()) {
      const session = await this.#session('gradient sum', selection, gradientSumGraph);
      const [left, right] = [older[layer] ?? {}, newer[layer] ?? {}];
      const results = await session.run({ ...left, ...renamed(right, STATE_NAMES.updated) });
      sums[layer] = Object.fromEntries(Object.keys(left).map((name) => [name, onDevice(results[`sum.${name}`])]));
      disposeAll(left);
      disposeAll(right);
    }
    return this.#deltas.layout.layers.map((_, layer) => sums[layer] ?? {});
  }

  async #squaredNorm(gradients: readonly LayerTensors[]): Promise<number> {
    let total = await this.#memory.upload(scalar(0));
    for (const [layer, selection] of this.#trained()) {
      const session = await this.#session('squared norm', selection, squaredNormGraph);
      const { sum } = await session.run({ ...gradients[layer], total });
      total.dispose();
      total = onDevice(sum);
    }
    const [value = NaN] = await this.#memory.download(total);
    total.dispose();
    return value;
  }

  /** @param lossScale what the gradients, not their norm, are multiplied by */
  async #update(
    request: StepRequest,
    gradients: readonly LayerTensors[],
    gradNorm: number,
    lossScale: number,
  ): Promise<void> {
    const inputs = stepInputs(request, gradNorm, lossScale);
    for (const input of Object.values(inputs)) this.#memory.countUpload(input);
    const before = this.#deltas.layers;
    const after = [...before];
    for (const [layer, selection] of this.#trained()) {
      const session = await this.#session('AdamW', [selection, request.optimizer], () =>
        adamWGraph(selection, request.optimizer),
      );
      const state = before[layer];
      if (state === undefined) throw new Error('a step was taken before the deltas were loaded');
      const results = await session.run({ ...stateFeeds(state), ...gradients[layer], ...inputs });
      after[layer] = newState(Object.keys(state.deltas), results);
    }
    this.#forgetLastGood();
    this.#lastGood = before;
    this.#deltas.replace(after);
  }

  #goBack(): void {
    if (this.#lastGood === undefined) return;
    for (const layer of this.#deltas.layers) disposeState(layer);
    this.#deltas.replace(this.#lastGood);
    this.#lastGood = undefined;
  }

  #forgetLastGood(): void {
    for (const layer of this.#lastGood ?? []) disposeState(layer);
    this.#lastGood = undefined;
  }

  /** Layers that train something, and what. */
  #trained(): readonly (readonly [layer: number, selection: LayerSelection])[] {
    return [...this.#deltas.layout.layers.entries()].filter(([, selection]) => Object.keys(selection).length > 0);
  }

  #session<S>(name: string, shape: S, build: (shape: S) => ReturnType<typeof squaredNormGraph>): Promise<Session> {
    const key = `${name} ${JSON.stringify(shape)}`;
    const known = this.#sessions.get(key) ?? this.#memory.createSession(name, build(shape));
    this.#sessions.set(key, known);
    return known;
  }
}

function stepInputs(
  { step, learningRate, optimizer, maxGradNorm }: StepRequest,
  gradNorm: number,
  lossScale: number,
): Readonly<Record<string, HostTensor>> {
  const clip = maxGradNorm === null ? 1 : Math.min(1, maxGradNorm / (gradNorm + NORM_EPSILON));
  return {
    [STEP_INPUTS.clip]: scalar(clip / lossScale),
    [STEP_INPUTS.kept]: scalar(1 - learningRate * optimizer.weightDecay),
    [STEP_INPUTS.stepSize]: scalar(learningRate / (1 - optimizer.beta1 ** step)),
    [STEP_INPUTS.secondCorrection]: scalar(1 / Math.sqrt(1 - optimizer.beta2 ** step)),
  };
}

function scalar(value: number): HostTensor {
  return float32Tensor(Float32Array.of(value), [1]);
}

function stateFeeds({ deltas, firstMoments, secondMoments }: LayerState): LayerTensors {
  return {
    ...renamed(deltas, STATE_NAMES.delta),
    ...renamed(firstMoments, STATE_NAMES.firstMoment),
    ...renamed(secondMoments, STATE_NAMES.secondMoment),
  };
}

function newState(projections: readonly string[], results: Readonly<Record<string, RuntimeTensor>>): LayerState {
  const updated = (name: (projection: string) => string): LayerTensors =>
    Object.fromEntries(
      projections.map((projection) => [projection, onDevice(results[STATE_NAMES.updated(name(projection))])]),
    );
  return {
    deltas: updated(STATE_NAMES.delta),
    firstMoments: updated(STATE_NAMES.firstMoment),
    secondMoments: updated(STATE_NAMES.secondMoment),
  };
}

function renamed(tensors: LayerTensors, rename: (name: string) => string): LayerTensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [rename(name), tensor]));
}

function onDevice(tensor: RuntimeTensor | undefined): DeviceTensor {
  if (tensor === undefined || isHostTensor(tensor)) throw new Error('a tensor that should stay on the device did not');
  return tensor;
}
