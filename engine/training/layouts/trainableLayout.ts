/**
 * How everything that a run trains lies in one flat array of values: by layer, then parameter. A part is what one input
 * of a layer's graph reads, so its values are contiguous.
 */
import type { LayerTraining } from '../../model/layerTraining.ts';
import type { ModuleSelection } from '../../selection/moduleSelection.ts';
import type { TargetModule } from '../../selection/targetModules.ts';

interface PartPlace {
  readonly layer: number;
  /** Name of the graph input whose gradient trains it, without the layer's prefix. */
  readonly input: string;
  /** Shape of that input. */
  readonly shape: readonly number[];
  /** Range in the flat array. */
  readonly offset: number;
  readonly length: number;
}

/** The deltas of one checkpoint module. */
export interface ModuleDeltas {
  readonly selection: ModuleSelection;
  /** Range in the flat array. */
  readonly offset: number;
  readonly length: number;
}

/** The deltas of one projection, [neuronCount, k]. */
export interface ProjectionDeltas extends PartPlace {
  readonly kind: 'selected';
  /** Name of the projection. */
  readonly projection: string;
  readonly neuronCount: number;
  readonly k: number;
  /** Columns of the projection's weight [neuronCount * k]. */
  readonly indices: Int32Array;
  /** Rows of the projection's weight [neuronCount]; null where all take part. */
  readonly neurons: Int32Array | null;
  /** Columns of the projection's weight. */
  readonly columns: number;
  readonly modules: readonly ModuleDeltas[];
}

/** Deltas at entries anywhere in a projection's weight [n]. */
export interface EntryDeltas extends PartPlace {
  readonly kind: 'entries';
  readonly parameter: string;
  /** Positions in the projection's weight, row after row. */
  readonly positions: Int32Array;
  /** The deltas of each checkpoint module. */
  readonly modules: readonly { readonly module: string; readonly offset: number; readonly length: number }[];
}

/** A parameter trained as a whole: its values are in the flat array, instead of deltas. */
export interface DenseValues extends PartPlace {
  readonly kind: 'dense';
  readonly parameter: string;
  /** 1 where an entry is trained [length]; null where all are. */
  readonly mask: Uint8Array | null;
}

/** One factor of a module's low-rank bypass: A [rank, in] or B [rows, rank]. */
export interface LowRankFactor extends PartPlace {
  readonly kind: 'lowRank';
  readonly parameter: string;
  readonly factor: 'A' | 'B';
  readonly module: TargetModule;
}

export type TrainablePart = ProjectionDeltas | EntryDeltas | DenseValues | LowRankFactor;

export interface TrainableLayout {
  /** Number of values. */
  readonly size: number;
  readonly parts: readonly TrainablePart[];
  /** What each layer trains, in shape. */
  readonly layers: readonly LayerTraining[];
}

/** The parts of a layer. */
export function partsOf({ parts }: TrainableLayout, layer: number): readonly TrainablePart[] {
  return parts.filter((part) => part.layer === layer);
}

/** Whether values are those of parameters as a whole, of which no frozen copy exists. */
export function hasDenseValues({ parts }: TrainableLayout): boolean {
  return parts.some(({ kind }) => kind === 'dense');
}
