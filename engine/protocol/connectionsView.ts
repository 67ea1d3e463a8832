/**
 * Messages between the host and the Connections webview, and what the webview keeps of its own. The host says what is
 * shown and passes the webview's questions to the engine (`inspection.ts`); the webview asks for what it paints.
 *
 * A matrix is painted in one round trip: `inspection/selection` (exact, small) goes out together with `inspection/margins`
 * and, strip by strip, `inspection/weights`; orders are named in each request, so nothing waits for an earlier answer.
 * Answers may come in any order. Keep few requests under way and cancel what is out of sight.
 */
import type { ConnectionSource, SourceDescription } from './connections/connectionSource.ts';
import type { ColumnOrder, InspectionMethod, InspectionRequests, Measure, RowOrder } from './connections/inspection.ts';
import type { JobProgress } from './rpc.ts';
import type { TensorTable } from './connections/tensorTable.ts';

/** What a Connections view shows. */
export type ConnectionsSubject =
  /** One source, or two that are compared. */
  | { readonly kind: 'connections'; readonly sources: readonly [SourceDescription, SourceDescription?] }
  /** Any other safetensors file. */
  | { readonly kind: 'tensors'; readonly table: TensorTable };

/** Something that the user should know, in the user's language where the host wrote it. */
export interface ViewProblem {
  readonly text: string;
  /** What to do, as a sentence. */
  readonly fix?: string;
  /** A bug: the log has more, and `showLog` opens it. */
  readonly isBug: boolean;
}

/** Host to webview. */
export type ConnectionsHostMessage =
  /**
   * What to show; after `ready`, when the user chooses something else, and whenever the files change: a new checkpoint
   * (more `moments`, and a source settled to the newest), or a new `revision`.
   */
  | { readonly type: 'subject'; readonly subject: ConnectionsSubject }
  /** Nothing can be shown. */
  | { readonly type: 'problem'; readonly problem: ViewProblem }
  /** The answer to the request with this id. */
  | { readonly type: 'answer'; readonly id: number; readonly result: InspectionRequests[InspectionMethod]['result'] }
  /** How far a long request has come. */
  | { readonly type: 'progress'; readonly id: number; readonly progress: JobProgress }
  /** The request failed. A cancelled one has neither answer nor failure. */
  | { readonly type: 'requestFailed'; readonly id: number; readonly problem: ViewProblem };

/** A request of the webview; ids are its own, each used once. */
export type InspectionRequestMessage = {
  [M in InspectionMethod]: {
    readonly type: 'request';
    readonly id: number;
    readonly method: M;
    readonly params: InspectionRequests[M]['params'];
  };
}[InspectionMethod];

/** A table to be written as CSV: all columns are of one length. Absent numbers (NaN) become empty fields. */
export interface ExportedTable {
  readonly columns: readonly {
    readonly name: string;
    readonly values: readonly (string | number)[] | Uint32Array | Float32Array | Float64Array;
  }[];
}

/** Webview to host. */
export type ConnectionsWebviewMessage =
  /** The script runs and listens; `state` is what it kept from before, as `setState` got it. */
  | { readonly type: 'ready'; readonly state: ConnectionsState | null }
  | InspectionRequestMessage
  | { readonly type: 'cancel'; readonly id: number }
  /** The webview shows other sources now: another moment, another k. The host follows with title and files watched. */
  | { readonly type: 'sourcesShown'; readonly sources: readonly [ConnectionSource, ConnectionSource?] }
  /** Choose another source to compare with in a native quick pick; `subject` follows. */
  | { readonly type: 'chooseComparison' }
  | { readonly type: 'endComparison' }
  /** The host asks where to and writes the file; `name` is a proposal without extension. */
  | { readonly type: 'exportCsv'; readonly name: string; readonly table: ExportedTable }
  | { readonly type: 'exportPng'; readonly name: string; readonly bytes: Uint8Array }
  | { readonly type: 'showLog' }
  /** A bug in the webview: goes to the log. */
  | { readonly type: 'failure'; readonly message: string; readonly stack?: string };

/** What of a matrix is coloured. */
export type MatrixLayer = 'weight' | 'selection' | 'delta' | 'difference';

/** Which of two compared sources the matrix page looks at. */
export type Side = 'left' | 'right';

export type ScaleKind = 'linear' | 'log' | 'symmetric';

/** What the webview keeps with `setState`; sources make a reloaded window show the same again. */
export interface ConnectionsState {
  readonly version: 1;
  /** Null for a table of tensors. */
  readonly sources: readonly [ConnectionSource, ConnectionSource?] | null;
  /** Go on to a run's newest checkpoint when it is written. */
  readonly followsNewest: boolean;
  readonly page: 'overview' | 'matrix' | 'comparison';
  readonly measure: Measure;
  /** Scale of the grids of modules; `scale` is the matrix's. */
  readonly overviewScale: ScaleKind;
  /** What the comparison is coloured by. */
  readonly comparisonMeasure: 'jaccard' | 'deltaCorrelation' | 'rmsDifference';
  /** Full name of the module of the matrix page. */
  readonly module: string | null;
  readonly layer: MatrixLayer;
  readonly side: Side;
  readonly scale: ScaleKind;
  readonly rowOrder: RowOrder;
  readonly columnOrder: ColumnOrder;
  /** Position (not index) at the centre of the view, fractions included; null for the whole matrix. */
  readonly centre: { readonly row: number; readonly column: number } | null;
  /** CSS pixels per position; below 1 cells are pooled. */
  readonly zoom: number;
  /** The inspected neuron, input or connection, by index. */
  readonly selected: { readonly row?: number; readonly column?: number } | null;
  /** The table for screen readers instead of the picture. */
  readonly isTable: boolean;
}
