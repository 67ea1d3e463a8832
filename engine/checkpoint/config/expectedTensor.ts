/** A parameter that a checkpoint must have. */
export interface ExpectedTensor {
  /** Hugging Face's name. */
  readonly name: string;
  readonly shape: readonly number[];
}
