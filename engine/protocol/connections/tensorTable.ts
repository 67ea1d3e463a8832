/** The plain table of a safetensors file's tensors, and the statistics of one of them. */

export interface TensorTable {
  readonly file: string;
  readonly sizeBytes: number;
  /** Changes whenever the file does. */
  readonly revision: string;
  /** Entries of `__metadata__`. */
  readonly metadata: readonly (readonly [key: string, value: string])[];
  /** In file order; at most `TENSOR_LIMIT` of them. */
  readonly tensors: readonly TensorRow[];
  /** Tensors of the file. */
  readonly total: number;
}

export const TENSOR_LIMIT = 20_000;

export interface TensorRow {
  readonly name: string;
  /** Such as `BF16`. */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly sizeBytes: number;
  /** Whether statistics can be made: not for complex and 8-bit floating types. */
  readonly hasStatistics: boolean;
}

/** Over the finite elements, in float64; what they do not have is null where there are none. */
export interface TensorStatistics {
  readonly elements: number;
  readonly notANumber: number;
  readonly infinite: number;
  readonly zeros: number;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly mean: number | null;
  readonly meanMagnitude: number | null;
  /** Of the whole population. */
  readonly standardDeviation: number | null;
  /** Bounds of equal bins from minimum to maximum [bins + 1]; each bin holds its lower bound, the last one both. */
  readonly edges: Float64Array;
  /** Finite elements [bins]. */
  readonly counts: Float64Array;
}
