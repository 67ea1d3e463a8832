/** What the view keeps over a reload: how it begins, and how it is read back from what an older version may have written. */
import type { ConnectionsState, MatrixLayer, ScaleKind } from '../../../engine/protocol/connectionsView.ts';
import type { ConnectionSource, SourceDescription } from '../../../engine/protocol/connections/connectionSource.ts';
import { MEASURES } from '../../../engine/protocol/connections/inspection.ts';

const PAGES = ['overview', 'matrix', 'comparison'] as const;
const LAYERS: readonly MatrixLayer[] = ['weight', 'selection', 'delta', 'difference'];
const SIDES = ['left', 'right'] as const;
const SCALES: readonly ScaleKind[] = ['linear', 'log', 'symmetric'];
const ROW_ORDERS = ['index', 'deltaNorm'] as const;
const COMPARISON_MEASURES = ['jaccard', 'deltaCorrelation', 'rmsDifference'] as const;
const COLUMN_ORDERS = ['index', 'hits', 'deltaNorm'] as const;

const INITIAL_STATE: ConnectionsState = {
  version: 1,
  sources: null,
  followsNewest: true,
  page: 'overview',
  measure: 'meanDelta',
  overviewScale: 'linear',
  comparisonMeasure: 'jaccard',
  module: null,
  layer: 'delta',
  side: 'left',
  scale: 'linear',
  rowOrder: 'index',
  columnOrder: 'index',
  centre: null,
  zoom: 0,
  selected: null,
  isTable: false,
};

/** Takes over each field that is what it should be. */
export function restoredState(saved: Partial<ConnectionsState> | undefined): ConnectionsState {
  if (saved?.version !== 1) return INITIAL_STATE;
  const { sources, module, centre, zoom, selected } = saved;
  return {
    ...INITIAL_STATE,
    sources: Array.isArray(sources) ? sources : null,
    followsNewest: saved.followsNewest !== false,
    page: oneOf(PAGES, saved.page, INITIAL_STATE.page),
    measure: oneOf(MEASURES, saved.measure, INITIAL_STATE.measure),
    overviewScale: oneOf(SCALES, saved.overviewScale, INITIAL_STATE.overviewScale),
    comparisonMeasure: oneOf(COMPARISON_MEASURES, saved.comparisonMeasure, INITIAL_STATE.comparisonMeasure),
    module: typeof module === 'string' ? module : null,
    layer: oneOf(LAYERS, saved.layer, INITIAL_STATE.layer),
    side: oneOf(SIDES, saved.side, INITIAL_STATE.side),
    scale: oneOf(SCALES, saved.scale, INITIAL_STATE.scale),
    rowOrder: oneOf(ROW_ORDERS, saved.rowOrder, 'index'),
    columnOrder: oneOf(COLUMN_ORDERS, saved.columnOrder, 'index'),
    centre: centre && isPosition(centre.row) && isPosition(centre.column) ? centre : null,
    zoom: isPosition(zoom) ? zoom : 0,
    selected: selected ?? null,
    isTable: saved.isTable === true,
  };
}

/** What a view shows first of a source: its deltas, or without any what was selected. */
export function firstLook({ hasDeltas }: SourceDescription): Pick<ConnectionsState, 'measure' | 'layer'> {
  return hasDeltas ? { measure: 'meanDelta', layer: 'delta' } : { measure: 'inputConcentration', layer: 'selection' };
}

/** The state fitted to what is shown now: nothing of it names what is not there. */
export function fittedState(
  state: ConnectionsState,
  left: SourceDescription,
  right: SourceDescription | undefined,
): ConnectionsState {
  const module = left.modules.find((each) => each.module === state.module);
  const page = state.page === 'comparison' && right === undefined ? 'overview' : state.page;
  const layer = state.layer === 'difference' && right === undefined ? firstLook(left).layer : state.layer;
  return {
    ...state,
    page,
    layer,
    module: module?.module ?? left.modules[0]?.module ?? null,
    ...(module === undefined ? { centre: null, zoom: 0, selected: null } : {}),
  };
}

/** Whether both are of the same files, whatever the moment. */
export function isSameFiles(one: ConnectionSource, other: ConnectionSource): boolean {
  return one.kind === other.kind && one.folder === other.folder;
}

function oneOf<T extends string>(known: readonly T[], value: T | undefined, otherwise: T): T {
  return value !== undefined && known.includes(value) ? value : otherwise;
}

function isPosition(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
