/** The matrix for files: the picture as it is seen, and the selected connections in sight. */
import type { ExportedTable } from '../../../engine/protocol/connectionsView.ts';
import type { ConnectionList, InspectionRequests } from '../../../engine/protocol/connections/inspection.ts';
import { t } from '../../host/translations.ts';
import { countText } from '../../text/figures.ts';
import type { View } from '../view/view.ts';
import { figureCanvas } from '../export/figureCanvas.ts';
import { moduleTitle, valueText } from '../text/values.ts';
import type { MatrixController } from './matrixController.ts';
import { matrixModel } from '../model/matrixModel.ts';
import { drawScene } from './painting/matrixPainter.ts';
import { layerTitle } from './matrixToolbar.ts';
import type { Scene } from './painting/scene.ts';
import { visibleWindow } from './visibleWindow.ts';

export function matrixCanvas({ look, shown }: View, { scene }: MatrixController): HTMLCanvasElement | undefined {
  if (scene === undefined) return undefined;
  const { model, layout, colouring } = scene;
  const { layer, scale, palette } = colouring;
  return figureCanvas(look, {
    title: t('{0}: {1}', shown.description.name, moduleTitle(model.module)),
    subtitle: t('{0} of {1} neurons by {2} inputs', layerTitle(layer), layout.frame.rows, layout.frame.columns),
    legend: { title: layerTitle(layer), scale, palette, text: layer === 'selection' ? countText : valueText },
    width: layout.width,
    height: layout.height,
    draw: (context) => drawScene(context, { ...scene, pointed: undefined, cursor: undefined }),
  });
}

/** The selected connections in sight; more than a spreadsheet holds are cut off by position. */
const MOST_ROWS = 1_000_000;

export function connectionsQuestion(
  view: View,
  scene: Scene | undefined,
): InspectionRequests['inspection/connections']['params'] | undefined {
  const model = matrixModel(view);
  if (model === undefined) return undefined;
  return { source: view.shown.source, window: visibleWindow(model, scene), limit: MOST_ROWS };
}

export function connectionColumns({ rows, columns, weights, deltas }: ConnectionList): ExportedTable {
  const sums = deltas?.map((delta, index) => weights[index]! + delta);
  return {
    columns: [
      { name: 'neuron', values: rows },
      { name: 'input', values: columns },
      { name: 'weight', values: weights },
      ...(deltas === null ? [] : [{ name: 'delta', values: deltas }]),
      ...(sums === undefined ? [] : [{ name: 'sum', values: sums }]),
    ],
  };
}
