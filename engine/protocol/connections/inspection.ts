/**
 * Questions about connections that the engine answers by reading only what is asked for. Every request is short: what is
 * large is asked for in pieces (some modules, a strip of a matrix), so that a view can paint each piece as it comes and
 * cancel the rest. Requests carry the whole question, so they survive a restart of the engine and can go out together.
 *
 * Numbers travel as typed arrays, matrices in row-major order. `W` is a weight of the base, widened exactly to float32.
 * A *row* is a neuron, a *column* one of its inputs. In typed arrays NaN stands for what does not exist: a delta
 * of a source without deltas, a cell without a selected connection.
 */
import type { ConnectionSource, SourceDescription } from './connectionSource.ts';
import type { TensorStatistics, TensorTable } from './tensorTable.ts';

/**
 * Measures of a module over its selected connections.
 *   selected            number of them
 *   meanWeight          mean |W|
 *   maxWeight           largest |W|
 *   meanDelta           mean |delta|
 *   maxDelta            largest |delta|
 *   relativeChange      sum of |delta| / sum of |W|
 *   signFlips           connections whose W and W + delta (float32) have opposite signs, neither being 0
 *   inputShare          inputs with at least one selected connection / all inputs
 *   inputConcentration  Gini coefficient of the hits per input: 0 where all are hit alike, near 1 where a few hubs have all
 */
export const MEASURES = [
  'selected',
  'meanWeight',
  'maxWeight',
  'meanDelta',
  'maxDelta',
  'relativeChange',
  'signFlips',
  'inputShare',
  'inputConcentration',
] as const;

export type Measure = (typeof MEASURES)[number];

/** Every measure of the modules asked for, in their order: [modules] each. */
export type Overview = Readonly<Record<Measure, Float64Array>>;

/** How rows or columns are arranged for display: by index, or the largest first and equal ones by index. */
export type RowOrder = 'index' | 'deltaNorm';
export type ColumnOrder = 'index' | 'hits' | 'deltaNorm';

/**
 * Cells along one axis. A *position* is a place in the order; cell c covers the positions from c * positionsPerCell on,
 * positionsPerCell of them or as many as are left. Cells beyond the axis are left out of the answer.
 */
export interface AxisWindow<Order> {
  readonly order: Order;
  /** At least 1; a cell of 1 x 1 is a single connection. Powers of two make tiles of one zoom level reusable. */
  readonly positionsPerCell: number;
  readonly firstCell: number;
  readonly cellCount: number;
}

/** A window of one matrix at one zoom level: at most `TILE_CELL_LIMIT` cells. */
export interface MatrixWindow {
  readonly module: string;
  readonly rows: AxisWindow<RowOrder>;
  readonly columns: AxisWindow<ColumnOrder>;
}

export const TILE_CELL_LIMIT = 1 << 22;

/**
 * Advice: a `weights` request that covers about this many bytes of rows takes some tens of milliseconds. Where rows are
 * not in order of index, the whole view in one request is cheaper than strips of it: the file is read in its own order.
 */
export const WEIGHT_STRIP_BYTES = 16 << 20;

/** The cells that an answer holds: those of the window that lie in the matrix. */
export interface TileShape {
  readonly height: number;
  readonly width: number;
}

/**
 * Selected connections, pooled: exact at every zoom level, so none ever vanishes. Arrays are [cells that hold any], side
 * by side.
 */
export interface SelectionTile extends TileShape {
  /** Which cells hold any, ascending: row * width + column. */
  readonly cells: Uint32Array;
  /** Selected connections in the cell. */
  readonly counts: Uint32Array;
  /** W of largest magnitude among them, with its sign. */
  readonly weights: Float32Array;
  /** Delta of largest magnitude among them, with its sign; null for sources without deltas. */
  readonly deltas: Float32Array | null;
}

/** All weights of the base, selected or not, pooled. */
export interface WeightTile extends TileShape {
  /** W of largest magnitude in the cell, with its sign [height, width]. */
  readonly weights: Float32Array;
}

/** Two sources' selected connections, pooled. Arrays are [cells in which either selected any], side by side. */
export interface DifferenceTile extends TileShape {
  /** Which cells those are, ascending: row * width + column. */
  readonly cells: Uint32Array;
  /** right delta - left delta of largest magnitude, with its sign; a missing delta counts as 0. */
  readonly differences: Float32Array;
}

/** What stands beside a matrix, by index of row or column, and the orders that it gives. */
export interface Margins {
  /** Euclidean norm of the neuron's deltas [rows]; NaN for neurons that take no part and sources without deltas. */
  readonly rowDeltaNorms: Float32Array;
  /** Neurons that selected the input [columns]. */
  readonly columnHits: Uint32Array;
  /** Euclidean norm of the deltas on the input [columns]; NaN for sources without deltas. */
  readonly columnDeltaNorms: Float32Array;
  /** The row at each position [rows]; null where that is the position itself. */
  readonly rowOrder: Uint32Array | null;
  /** The column at each position [columns]; null where that is the position itself. */
  readonly columnOrder: Uint32Array | null;
}

/** Single connections; arrays are of one length. */
export interface ConnectionList {
  readonly rows: Uint32Array;
  readonly columns: Uint32Array;
  readonly weights: Float32Array;
  /** Null for sources without deltas. */
  readonly deltas: Float32Array | null;
}

/** The selected connections of one neuron, by column. Arrays are [k], or empty for a neuron that takes no part. */
export interface NeuronDetails {
  readonly columns: Uint32Array;
  readonly weights: Float32Array;
  /** Null for sources without deltas; so is `sums`. */
  readonly deltas: Float32Array | null;
  /** W + delta in float32: before a merge rounds it to the base's type. */
  readonly sums: Float32Array | null;
  /** Place of |W| from 1, the largest first and of equals the lower column first: in the whole row, if it is known. */
  readonly ranks: Uint32Array;
  /** All weights of the neuron; null where the base cannot be read: ranks are then among the selected alone. */
  readonly row: RowDistribution | null;
  /** Inputs that this neuron's output reaches next. */
  readonly feeds: readonly Link[];
}

/** Histogram over equal bins from the smallest to the largest W. */
export interface RowDistribution {
  /** Mean |W|. */
  readonly meanMagnitude: number;
  /** Bounds of the bins [bins + 1], ascending; each bin holds its lower bound, the last one both. */
  readonly edges: Float64Array;
  /** All weights [bins]. */
  readonly counts: Uint32Array;
  /** The selected ones [bins]. */
  readonly selectedCounts: Uint32Array;
}

/** Who selected an input feature: the module asked for first, then the modules that share its input. */
export interface InputDetails {
  readonly chosenBy: readonly InputChoice[];
  /** Neurons whose outputs make up this input, the nearest first. */
  readonly fedBy: readonly Link[];
}

/** The neurons of a module that selected the input, ascending; arrays are of one length. */
export interface InputChoice {
  readonly module: string;
  readonly rows: Uint32Array;
  readonly weights: Float32Array;
  readonly deltas: Float32Array | null;
}

/**
 * A step along the data's path, to a neuron or an input of another module; its module may be frozen or unselected.
 *   gate       down_proj's input is act(gate_proj's neuron) * up_proj's neuron
 *   attention  o_proj's input is the mean of v_proj's neuron over the positions that its head attends to
 *   residual   the neuron adds to a feature of the residual stream, which the other reads through a norm
 */
export interface Link {
  readonly module: string;
  /** Row in `fedBy`, column in `feeds`. */
  readonly index: number;
  readonly path: 'gate' | 'attention' | 'residual';
}

/** Two sources over the modules asked for, in their order; arrays are [modules]. A missing delta counts as 0. */
export interface Comparison {
  /** Connections that both, or at least one of them, selected: shared / united is the Jaccard index. */
  readonly shared: Float64Array;
  readonly united: Float64Array;
  /** Pearson correlation of the deltas over the united connections; NaN where one of them does not vary. */
  readonly deltaCorrelation: Float64Array;
  /** Root mean square of right delta - left delta over the united connections. */
  readonly rmsDifference: Float64Array;
  /** The connections with the largest |right delta - left delta|, the largest first; arrays are of one length. */
  readonly moved: {
    /** Index among the modules asked for. */
    readonly modules: Uint32Array;
    readonly rows: Uint32Array;
    readonly columns: Uint32Array;
    readonly leftDeltas: Float32Array;
    readonly rightDeltas: Float32Array;
  };
}

/** What a path means to the view. */
export type Identification =
  | { readonly kind: 'connections'; readonly source: ConnectionSource }
  | { readonly kind: 'tensors'; readonly file: string };

interface OfModules {
  readonly source: ConnectionSource;
  /** Full names. */
  readonly modules: readonly string[];
}

interface OfTwoSources {
  readonly left: ConnectionSource;
  readonly right: ConnectionSource;
}

interface OfWindow {
  readonly source: ConnectionSource;
  readonly window: MatrixWindow;
}

/** Method name to parameters and result. */
export interface InspectionRequests {
  'inspection/identify': { params: { readonly path: string }; result: Identification };
  'inspection/describe': { params: { readonly source: ConnectionSource }; result: SourceDescription };
  'inspection/overview': { params: OfModules; result: Overview };
  'inspection/margins': {
    params: {
      readonly source: ConnectionSource;
      readonly module: string;
      readonly rowOrder: RowOrder;
      readonly columnOrder: ColumnOrder;
    };
    result: Margins;
  };
  'inspection/selection': { params: OfWindow; result: SelectionTile };
  'inspection/weights': { params: OfWindow; result: WeightTile };
  /** Orders are those of `left`. */
  'inspection/difference': { params: OfTwoSources & { readonly window: MatrixWindow }; result: DifferenceTile };
  /** The selected connections in the window, by position of row and column; `total` counts those beyond the limit, too. */
  'inspection/connections': {
    params: OfWindow & { readonly limit: number };
    result: ConnectionList & { readonly total: number };
  };
  'inspection/neuron': {
    params: { readonly source: ConnectionSource; readonly module: string; readonly row: number; readonly bins: number };
    result: NeuronDetails;
  };
  'inspection/input': {
    params: { readonly source: ConnectionSource; readonly module: string; readonly column: number };
    result: InputDetails;
  };
  /** `modules` are such as both sources have; `moved` has at most `limit` entries. */
  'inspection/comparison': {
    params: OfTwoSources & { readonly modules: readonly string[]; readonly limit: number };
    result: Comparison;
  };
  'inspection/tensors': { params: { readonly file: string }; result: TensorTable };
  /** Reports progress in bytes. */
  'inspection/tensorStatistics': {
    params: { readonly file: string; readonly tensor: string; readonly bins: number };
    result: TensorStatistics;
  };
}

export type InspectionMethod = keyof InspectionRequests;

const METHODS: Readonly<Record<InspectionMethod, true>> = {
  'inspection/identify': true,
  'inspection/describe': true,
  'inspection/overview': true,
  'inspection/margins': true,
  'inspection/selection': true,
  'inspection/weights': true,
  'inspection/difference': true,
  'inspection/connections': true,
  'inspection/neuron': true,
  'inspection/input': true,
  'inspection/comparison': true,
  'inspection/tensors': true,
  'inspection/tensorStatistics': true,
};

export const INSPECTION_METHODS = Object.keys(METHODS) as readonly InspectionMethod[];
