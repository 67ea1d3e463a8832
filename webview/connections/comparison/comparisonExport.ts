/** The comparison for files: its picture, and its figures by module. */
import type { ExportedTable } from '../../../engine/protocol/connectionsView.ts';
import { t } from '../../host/translations.ts';
import type { ShownSource, View } from '../view/view.ts';
import { figureCanvas } from '../export/figureCanvas.ts';
import { drawGrid, gridSize } from '../grid/gridPainter.ts';
import { comparisonGrid } from './comparisonGrid.ts';
import {
  COMPARISON_MEASURES,
  comparisonMeasureExplanation,
  comparisonMeasureName,
  comparisonText,
} from './comparisonMeasure.ts';
import { comparisonModel } from './comparisonModel.ts';

export function comparisonTable(view: View, right: ShownSource): ExportedTable {
  const modules = [...comparisonModel(view, right).modules.values()];
  return {
    columns: [
      { name: 'module', values: modules.map(({ module }) => module.module) },
      { name: 'layer', values: modules.map(({ module }) => module.layer) },
      { name: 'kind', values: modules.map(({ module }) => module.kind) },
      { name: 'shared', values: modules.map(({ shared }) => shared) },
      { name: 'united', values: modules.map(({ united }) => united) },
      ...COMPARISON_MEASURES.map((measure) => ({ name: measure, values: modules.map((module) => module[measure]) })),
    ],
  };
}

export function comparisonCanvas(view: View, right: ShownSource): HTMLCanvasElement {
  const { look, state, left } = view;
  const measure = state.comparisonMeasure;
  const title = t('{0} and {1}', left.description.name, right.description.name);
  const grid = { ...comparisonGrid(view, comparisonModel(view, right), measure), title };
  return figureCanvas(look, {
    title: comparisonMeasureName(measure),
    subtitle: comparisonMeasureExplanation(measure),
    legend: {
      title: comparisonMeasureName(measure),
      scale: grid.scale,
      palette: grid.palette,
      text: (value) => comparisonText(measure, value),
    },
    ...gridSize(grid),
    draw: (context) => drawGrid(context, look, grid),
  });
}
