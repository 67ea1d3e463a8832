/** Which tiles the picture of a matrix is made of: selected connections always, weights and differences when shown. */
import type { MatrixWindow } from '../../../../engine/protocol/connections/inspection.ts';
import { SELECTION_TILE, weightTile, type TilePlace, type TileSize } from '../../tiles/tileGrid.ts';
import type { TileGroup } from '../../tiles/tileStore.ts';
import { positionsPerCell } from '../../viewport/level.ts';
import type { MatrixModel } from '../../model/matrixModel.ts';
import { moduleOf, type ShownSource } from '../../view/view.ts';

export interface TileGroups {
  readonly selection: TileGroup;
  /** What the other one of two compared sources selected: shown in the same colours, so its counts must be known. */
  readonly otherSelection: TileGroup | undefined;
  readonly weights: TileGroup | undefined;
  readonly difference: TileGroup | undefined;
}

export function tileGroups(model: MatrixModel): TileGroups {
  const { view, module, hasWeights } = model;
  const { left, right, shown } = view;
  const key = matrixKey(model, shown);
  const other = shown === left ? right : left;
  const hasOther = other !== undefined && moduleOf(other, module.module) !== undefined;
  const windowOf = (place: TilePlace, size: TileSize): MatrixWindow => matrixWindow(model, place, size);
  const weightSize = (level: number): TileSize => weightTile(module.rowBytes, level);
  return {
    selection: selectionGroup(model, shown),
    otherSelection: hasOther ? selectionGroup(model, other) : undefined,
    weights: hasWeights
      ? {
          key: `weights ${key}`,
          kind: 'weights',
          size: weightSize,
          request: (place) => ({
            method: 'inspection/weights',
            params: { source: shown.source, window: windowOf(place, weightSize(place.level)) },
          }),
        }
      : undefined,
    difference: right && {
      key: `difference ${key} ${right.revision} ${JSON.stringify(right.source)}`,
      kind: 'difference',
      size: () => SELECTION_TILE,
      request: (place) => ({
        method: 'inspection/difference',
        params: { left: left.source, right: right.source, window: windowOf(place, SELECTION_TILE) },
      }),
    },
  };
}

function selectionGroup(model: MatrixModel, shown: ShownSource): TileGroup {
  return {
    key: `selection ${matrixKey(model, shown)}`,
    kind: 'selection',
    size: () => SELECTION_TILE,
    request: (place) => ({
      method: 'inspection/selection',
      params: { source: shown.source, window: matrixWindow(model, place, SELECTION_TILE) },
    }),
  };
}

function matrixKey({ view, module }: MatrixModel, { source, revision }: ShownSource): string {
  const { rowOrder, columnOrder } = view.state;
  return `${revision} ${JSON.stringify(source)} ${module.module} ${rowOrder} ${columnOrder}`;
}

function matrixWindow({ view, module }: MatrixModel, place: TilePlace, { height, width }: TileSize): MatrixWindow {
  const positions = positionsPerCell(place.level);
  const { rowOrder, columnOrder } = view.state;
  return {
    module: module.module,
    rows: { order: rowOrder, positionsPerCell: positions, firstCell: place.tileRow * height, cellCount: height },
    columns: { order: columnOrder, positionsPerCell: positions, firstCell: place.tileColumn * width, cellCount: width },
  };
}
