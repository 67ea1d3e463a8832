/** The overview for files: its picture, and every measure of every module. */
import type { ExportedTable } from '../../../engine/protocol/connectionsView.ts';
import { MEASURES } from '../../../engine/protocol/connections/inspection.ts';
import type { View } from '../view/view.ts';
import { figureCanvas } from '../export/figureCanvas.ts';
import { drawGrid, gridSize } from '../grid/gridPainter.ts';
import { measureExplanation, measureName, shortMeasureText } from '../text/measures.ts';
import { overviewModel } from './overviewModel.ts';
import { sideGrid } from './sideGrid.ts';

const BETWEEN = 32;

export function overviewColumns(view: View): ExportedTable {
  const { sides } = overviewModel(view);
  const rows = sides.flatMap(({ shown, figures }) =>
    shown.description.modules.map((module) => ({ module, figures, source: shown.description.name })),
  );
  return {
    columns: [
      { name: 'source', values: rows.map(({ source }) => source) },
      { name: 'module', values: rows.map(({ module }) => module.module) },
      { name: 'layer', values: rows.map(({ module }) => module.layer) },
      { name: 'kind', values: rows.map(({ module }) => module.kind) },
      ...MEASURES.map((measure) => ({
        name: measure,
        values: Float64Array.from(rows, ({ figures, module }) => figures.value(module.module, measure) ?? NaN),
      })),
    ],
  };
}

export function overviewCanvas(view: View): HTMLCanvasElement {
  const { state, look } = view;
  const model = overviewModel(view);
  const { measure } = state;
  const grids = model.sides.map((side) => sideGrid(view, model, side));
  const sizes = grids.map(gridSize);
  return figureCanvas(look, {
    title: measureName(measure),
    subtitle: measureExplanation(measure),
    legend: {
      title: measureName(measure),
      scale: model.scale,
      palette: look.sequential,
      text: (value) => shortMeasureText(measure, value),
    },
    width: sizes.reduce((sum, { width }) => sum + width + BETWEEN, -BETWEEN),
    height: Math.max(...sizes.map(({ height }) => height)),
    draw: (context) => {
      for (const [index, grid] of grids.entries()) {
        drawGrid(context, look, grid);
        context.translate(sizes[index]!.width + BETWEEN, 0);
      }
    },
  });
}
