/** `selection.json`: what was selected, in numbers, for people and views. */

/** Version of the file; raised when a reader of the old version would misread it. */
export const SELECTION_SCHEMA_VERSION = 1;

export interface SelectionStatistics {
  readonly schemaVersion: number;
  readonly strategy: string;
  readonly seed: number;
  /** Connections per neuron; a module with fewer inputs gets as many as it has. */
  readonly k: number;
  readonly neuronShare: number;
  readonly trainableParameters: number;
  readonly totalParameters: number;
  /** trainableParameters / totalParameters. */
  readonly trainableShare: number;
  readonly modules: readonly ModuleStatistics[];
}

/** Magnitudes are |W| of the participating neurons' weights. */
export interface ModuleStatistics {
  readonly module: string;
  /** Neurons, d_out. */
  readonly rows: number;
  /** Input connections of each neuron, d_in. */
  readonly columns: number;
  readonly participatingNeurons: number;
  readonly k: number;
  /** Selected connections. */
  readonly selected: number;
  readonly meanMagnitude: number;
  readonly meanSelectedMagnitude: number;
  readonly smallestSelectedMagnitude: number;
  readonly largestSelectedMagnitude: number;
  /** Sum of the selected magnitudes over the sum of all. */
  readonly magnitudeShare: number;
  /** How the selected connections spread over the inputs. */
  readonly inputs: {
    /** Inputs with at least one selected connection. */
    readonly hit: number;
    /** Most selected connections of one input. */
    readonly mostHits: number;
    /** Gini coefficient of the hits per input: 0 where all inputs are hit alike, near 1 where a few hubs have all. */
    readonly concentration: number;
  };
}
