/** What is known of a cell, in words: a single connection with its figures, or how many a pooled cell holds. */
import { t } from '../../host/translations.ts';
import { countText } from '../../text/figures.ts';
import { valueOfCell } from '../tiles/tileValues.ts';
import { deltaText, exactText } from '../text/values.ts';
import { cellValues } from './painting/cellFigures.ts';
import { cellIn, type CellSpan, type Scene } from './painting/scene.ts';

export function readout(scene: Scene, cell: CellSpan): string {
  return [...placeOf(scene, cell), ...(cell.positionsPerCell === 1 ? single(scene, cell) : pooled(scene, cell))].join(
    ' · ',
  );
}

function placeOf({ model, layout }: Scene, { firstRow, firstColumn, positionsPerCell }: CellSpan): string[] {
  const { arrangement } = model;
  if (positionsPerCell === 1)
    return [
      t('Neuron {0}', countText(arrangement.rowAt(firstRow))),
      t('Input {0}', countText(arrangement.columnAt(firstColumn))),
    ];
  const lastRow = Math.min(layout.frame.rows, firstRow + positionsPerCell) - 1;
  const lastColumn = Math.min(layout.frame.columns, firstColumn + positionsPerCell) - 1;
  const span = (isOrdered: boolean, first: number, last: number): string =>
    isOrdered
      ? t('no. {0} to {1}', countText(first + 1), countText(last + 1))
      : t('{0} to {1}', countText(first), countText(last));
  return [
    t('Neurons {0}', span(arrangement.areRowsOrdered, firstRow, lastRow)),
    t('Inputs {0}', span(arrangement.areColumnsOrdered, firstColumn, lastColumn)),
  ];
}

function single(scene: Scene, { firstRow, firstColumn }: CellSpan): string[] {
  const { weight, delta, shown } = cellValues(scene, firstRow, firstColumn);
  const isSelected = countAt(scene, firstRow, firstColumn, 0);
  const state = isSelected === undefined ? t('loading…') : isSelected > 0 ? t('selected') : t('not selected');
  return [
    state,
    ...(Number.isNaN(weight) ? [] : [t('W {0}', exactText(weight))]),
    ...(Number.isNaN(delta)
      ? []
      : [t('Δ {0}', deltaText(delta)), t('W + Δ {0}', exactText(Math.fround(weight + delta)))]),
    ...(scene.model.layer === 'difference' && !Number.isNaN(shown) ? [t('difference {0}', deltaText(shown))] : []),
  ];
}

function pooled(scene: Scene, { firstRow, firstColumn }: CellSpan): string[] {
  const { selectionTiles, weightTiles, tiles, model, level } = scene;
  const count = countAt(scene, firstRow, firstColumn, level);
  if (count === undefined) return [t('loading…')];
  const value = (from: typeof tiles, layer: typeof model.layer): number => {
    const tile = from.find((each) => each.level === level && cellIn(each, firstRow, firstColumn) >= 0);
    return tile === undefined ? NaN : (valueOfCell(tile, layer, cellIn(tile, firstRow, firstColumn)) ?? NaN);
  };
  const weight = model.layer === 'weight' ? value(weightTiles, 'weight') : value(selectionTiles, 'weight');
  const delta = value(selectionTiles, 'delta');
  const difference = model.layer === 'difference' ? value(tiles, 'difference') : NaN;
  return [
    count === 1 ? t('1 connection selected') : t('{0} connections selected', countText(count)),
    ...(Number.isNaN(weight) ? [] : [t('largest W {0}', exactText(weight))]),
    ...(Number.isNaN(delta) ? [] : [t('largest Δ {0}', deltaText(delta))]),
    ...(Number.isNaN(difference) ? [] : [t('largest difference {0}', deltaText(difference))]),
  ];
}

function countAt({ selectionTiles }: Scene, row: number, column: number, level: number): number | undefined {
  for (const tile of selectionTiles) {
    if (tile.level !== level || tile.content.kind !== 'selection') continue;
    const cell = cellIn(tile, row, column);
    if (cell >= 0) return valueOfCell(tile, 'selection', cell) ?? 0;
  }
  return undefined;
}
