/** What operations emit their ONNX nodes into. */
import type { AttributeValue } from '../onnx/graph.ts';
import type { FloatType, Value } from './graph.ts';

/** What the executing device does well or not at all; operations choose their ONNX nodes by it. */
export interface Kernels {
  /** Whether the runtime's fused kernels (FusedMatMul, SimplifiedLayerNormalization, QuickGelu) are there and right. */
  readonly hasFusedKernels: boolean;
}

export interface EmitOptions {
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** `com.microsoft` for the runtime's own operators. */
  readonly domain?: string;
  /** Names of the node's outputs; one fresh name where absent. */
  readonly outputs?: readonly string[];
}

/** A float32 value of a loop, whose sizes are known at run time only. */
export interface LoopValue {
  readonly name: string;
  readonly rank: number;
}

/** What one round of a loop makes. */
export interface LoopRound {
  /** The next round's carried values, in their order. */
  readonly carried: readonly string[];
  /** Values of like shape in all rounds, which are stacked along a new first axis. */
  readonly stacked: readonly LoopValue[];
}

/** What an operation emits its ONNX nodes into. */
export interface LoweringContext {
  readonly kernels: Kernels;
  /** The ONNX name of a value. */
  nameOf(value: Value): string;
  /** Emits a node and returns the name of its first output. */
  emit(opType: string, inputs: readonly string[], options?: EmitOptions): string;
  /** Emits a node with `count` outputs and returns their names. */
  emitMany(
    opType: string,
    inputs: readonly string[],
    count: number,
    options?: Pick<EmitOptions, 'attributes'>,
  ): readonly string[];
  /**
   * Emits a loop. While `round` runs, nodes are emitted into the loop's body, which may read every value from before.
   *
   * @param count rounds, int64 [1]
   * @param carried what the first round begins with
   * @param round given the number of the round, int64 [], and the names of what it carries
   * @returns names of what the last round carries on, then of what was stacked
   */
  loop(
    count: string,
    carried: readonly LoopValue[],
    round: (number: string, carried: readonly string[]) => LoopRound,
  ): readonly string[];
  /** A one-dimensional int64 constant, for shapes and axes. */
  integers(values: readonly number[]): string;
  /** A scalar constant, float32 where no type is given. */
  scalar(value: number, type?: FloatType): string;
}
