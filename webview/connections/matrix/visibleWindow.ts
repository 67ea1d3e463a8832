/** The window of a matrix that is seen, single positions as cells; all of it before it was seen. */
import type { MatrixWindow } from '../../../engine/protocol/connections/inspection.ts';
import { visibleColumns, visibleRows } from '../viewport/viewport.ts';
import type { MatrixModel } from '../model/matrixModel.ts';
import type { Scene } from './painting/scene.ts';

export function visibleWindow({ module, view }: MatrixModel, scene: Scene | undefined): MatrixWindow {
  const { rowOrder, columnOrder } = view.state;
  const isOfModule = scene?.model.module.module === module.module;
  const rows = isOfModule ? visibleRows(scene.viewport, scene.layout.frame) : { first: 0, end: module.rows };
  const columns = isOfModule ? visibleColumns(scene.viewport, scene.layout.frame) : { first: 0, end: module.columns };
  return {
    module: module.module,
    rows: { order: rowOrder, positionsPerCell: 1, firstCell: rows.first, cellCount: rows.end - rows.first },
    columns: {
      order: columnOrder,
      positionsPerCell: 1,
      firstCell: columns.first,
      cellCount: columns.end - columns.first,
    },
  };
}
