/** An adapter in memory: the selected connections of each target module, their deltas, and the base's own values there. */
import type { ModuleSelection } from '../selection/moduleSelection.ts';
import type { AdapterConfig } from '../protocol/adapter.ts';

/** Element types that a base weight may have. */
export const BASE_DTYPES = ['F32', 'F16', 'BF16'] as const;
export type BaseDtype = (typeof BASE_DTYPES)[number];

export interface AdapterModule {
  readonly selection: ModuleSelection;
  /** [neurons * k] */
  readonly deltas: Float32Array;
  /** The base's bytes at the selected entries, little-endian elements of `dtype` [neurons * k]. */
  readonly originals: Uint8Array;
  readonly dtype: BaseDtype;
}

export interface Adapter {
  readonly config: AdapterConfig;
  readonly modules: readonly AdapterModule[];
}

/** A base weight's dtype, where it is one that can carry deltas. */
export function baseDtype(dtype: string): BaseDtype | undefined {
  return BASE_DTYPES.find((known) => known === dtype);
}
