/**
 * A model's parameters as whoever computes with them asks for them: a layer at a time, always as float32. Where they lie in
 * between is the business of the implementation: see `residentWeights.ts`.
 */
import type { ModelConfig } from '../../checkpoint/config/modelConfig.ts';

/** One parameter: row-major elements and their shape. */
export interface Parameter {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** A layer's parameters by the names of its graph's inputs. */
export type LayerWeights = ReadonlyMap<string, Parameter>;

/** Entries of one layer's parameter that carry deltas, which lie in one flat array from `offset` on. */
export interface DeltaEntries {
  readonly layer: number;
  /** The parameter's name. */
  readonly parameter: string;
  /** Position of each entry in the parameter's elements. */
  readonly positions: Uint32Array;
  readonly offset: number;
}

/**
 * Keeps the weights that are read equal to W + scatter(delta). Each entry is always made from the frozen value, never from
 * the last effective one, so nothing drifts however many steps are taken.
 */
export interface EffectiveWeights {
  /** From now on every entry holds W + delta; `deltas` is read then or later, and must not change without a new call. */
  apply(deltas: Float32Array): void;
}

/** What the weights of every family have. */
export interface ModelWeights {
  readonly config: ModelConfig;
  /**
   * A layer's parameters, deltas included; valid until another layer is asked for.
   *
   * @param upcoming the layer that will be asked for next, to be fetched meanwhile
   */
  layer(layer: number, upcoming?: number): Promise<LayerWeights>;
  /** Lets entries carry deltas, on top of those that they carry already; all are zero at first. */
  carry(entries: readonly DeltaEntries[]): EffectiveWeights;
  /** Gives back what is held open. */
  release(): Promise<void>;
}
