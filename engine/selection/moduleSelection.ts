/** The selected input connections of one module: one linear layer of the checkpoint. */

export interface ModuleSelection {
  /** Name of the module, such as `model.layers.0.self_attn.q_proj`. */
  readonly module: string;
  /** Neurons of the module: d_out, rows of its weight. */
  readonly rows: number;
  /** Input connections of each neuron: d_in, columns of its weight. */
  readonly columns: number;
  /** Selected connections per participating neuron. */
  readonly k: number;
  /** Participating neurons, ascending; null where all take part. */
  readonly neurons: Int32Array | null;
  /** [neurons * k] selected columns, ascending within a neuron. */
  readonly indices: Int32Array;
}
