/** What the Connections view looks at: where selected connections come from, and what is known of them at once. */

/** A source by its files. Paths are absolute; a source may be kept and named again after a restart. */
export type ConnectionSource = RunSource | AdapterSource | SelectionSource | CheckpointSource;

/** A run at one moment. */
export interface RunSource {
  readonly kind: 'run';
  readonly folder: string;
  readonly at: RunMoment | 'newest';
}

/** A checkpoint's step; the selection alone, before any training; or the finished adapter. */
export type RunMoment = number | 'selection' | 'adapter';

/** An adapter folder: `adapter_model.safetensors` and `adapter_config.json`. */
export interface AdapterSource {
  readonly kind: 'adapter';
  readonly folder: string;
}

/** A folder with `selection.safetensors` and `selection.json` that belongs to no run: it has no deltas. */
export interface SelectionSource {
  readonly kind: 'selection';
  readonly folder: string;
}

/** A base checkpoint: what would be selected of every linear layer. It has no deltas. */
export interface CheckpointSource {
  readonly kind: 'checkpoint';
  readonly folder: string;
  /** Connections per neuron, at least 1; a module with fewer inputs gets as many as it has. */
  readonly k: number;
  readonly strategy: 'magnitude' | 'reverse';
}

/** What headers and configurations tell, before any weight or delta is read. */
export interface SourceDescription {
  /** The same source with `at` settled: never `newest`. Use it in requests. */
  readonly source: ConnectionSource;
  /** Changes whenever the files do: answers of one revision may be kept and reused. */
  readonly revision: string;
  /** The run's name, or the folder's. */
  readonly name: string;
  readonly modelType?: string;
  /** The base checkpoint's folder, where one is named. */
  readonly base?: string;
  /** Why the base's weights cannot be read, without a final full stop; then only selected weights are known. */
  readonly baseProblem?: string;
  readonly strategy: string;
  /** Connections per neuron that were asked for. */
  readonly k: number;
  /** Selected connections of all modules. */
  readonly selected: number;
  /** Parameters of the whole model, where known. */
  readonly totalParameters?: number;
  /** False for selections and checkpoints: every delta counts as unknown. */
  readonly hasDeltas: boolean;
  /** A run's moments in time, oldest first, for a slider; empty for other sources. */
  readonly moments: readonly SourceMoment[];
  /** Columns of the overview's grid in the order of the forward pass, such as `q_proj`. */
  readonly kinds: readonly string[];
  /** Layers that have modules, ascending. */
  readonly layers: readonly number[];
  /** By layer, then by kind. */
  readonly modules: readonly ModuleDescription[];
}

export interface SourceMoment {
  readonly at: RunMoment;
  /** Optimizer steps done: 0 for the selection, the last step for the adapter. */
  readonly step: number;
}

export interface ModuleDescription {
  /** Full name, such as `model.layers.0.self_attn.q_proj`. */
  readonly module: string;
  readonly layer: number;
  /** Last part of the name, such as `q_proj`. */
  readonly kind: string;
  /** Neurons, d_out. */
  readonly rows: number;
  /** Input connections of each neuron, d_in. */
  readonly columns: number;
  /** Where rows and columns come from; `entries`: the smallest matrix that holds every selected connection. */
  readonly shapeFrom: 'base' | 'selection' | 'entries';
  /** Neurons that have selected connections. */
  readonly participatingNeurons: number;
  /** Connections of each participating neuron; where neurons have different numbers of them, the mean over all rows. */
  readonly k: number;
  /** participatingNeurons * k. */
  readonly selected: number;
  /** Element type of the weights, such as `BF16`. */
  readonly dtype: string;
  /** Bytes of one row of weights in the base's file: what reading it costs. */
  readonly rowBytes: number;
}
