/** Figures inside cells that are large enough: the coloured value, and below it what it is added to. */
import { cssColor, textOn } from '../../color/rgb.ts';
import { PALETTE_SIZE } from '../../color/palette.ts';
import { colorIndex } from '../../scale/scale.ts';
import type { Tile } from '../../tiles/tile.ts';
import { valueOfCell } from '../../tiles/tileValues.ts';
import { deltaText, valueText } from '../../text/values.ts';
import { visibleColumns, visibleRows, xOf, yOf } from '../../viewport/viewport.ts';
import { cellIn, type Scene } from './scene.ts';

/** From this size on, a cell says its value; from the second on, weight and delta. */
const ONE_FIGURE_ZOOM = 46;
const ALL_FIGURES_ZOOM = 84;

export function drawCellFigures(context: CanvasRenderingContext2D, scene: Scene): void {
  const { viewport, layout, level } = scene;
  if (level !== 0 || viewport.zoom < ONE_FIGURE_ZOOM) return;
  const { frame, left, top } = layout;
  const size = Math.min(13, viewport.zoom / 5.2);
  const family = scene.theme.font.replace(/^\S+ /, '');
  context.font = `${size}px ${family}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const rows = visibleRows(viewport, frame);
  const columns = visibleColumns(viewport, frame);
  for (let row = rows.first; row < rows.end; row++) {
    for (let column = columns.first; column < columns.end; column++) {
      const x = left + xOf(viewport, frame, column + 0.5);
      const y = top + yOf(viewport, frame, row + 0.5);
      drawCell(context, scene, { row, column, x, y, lineHeight: size * 1.35 });
    }
  }
}

interface Cell {
  readonly row: number;
  readonly column: number;
  /** Middle of the cell in the picture. */
  readonly x: number;
  readonly y: number;
  readonly lineHeight: number;
}

function drawCell(context: CanvasRenderingContext2D, scene: Scene, { row, column, x, y, lineHeight }: Cell): void {
  const { model, colouring, viewport } = scene;
  const { weight, delta, shown } = cellValues(scene, row, column);
  const isEmpty = Number.isNaN(shown) || (model.layer === 'selection' && shown === 0);
  const lines = cellLines(scene, { weight, delta, shown }, isEmpty, viewport.zoom >= ALL_FIGURES_ZOOM);
  if (lines.length === 0) return;
  const color = isEmpty
    ? model.view.look.ground.color
    : colouring.palette.colors[colorIndex(colouring.scale, shown, PALETTE_SIZE)]!;
  context.fillStyle = cssColor(textOn(color));
  if (isEmpty) context.globalAlpha = scene.theme.isHighContrast ? 1 : 0.72;
  for (const [index, line] of lines.entries())
    context.fillText(line, x, y + (index - (lines.length - 1) / 2) * lineHeight);
  context.globalAlpha = 1;
}

interface CellValues {
  readonly weight: number;
  readonly delta: number;
  /** What the layer colours. */
  readonly shown: number;
}

function cellLines(
  { model }: Scene,
  { weight, delta, shown }: CellValues,
  isEmpty: boolean,
  isRoomy: boolean,
): string[] {
  const weightLine = Number.isNaN(weight) ? [] : [isRoomy ? `W ${valueText(weight)}` : valueText(weight)];
  const deltaLine = Number.isNaN(delta) ? [] : [isRoomy ? `Δ ${deltaText(delta)}` : deltaText(delta)];
  if (isRoomy && model.layer !== 'difference') return [...weightLine, ...deltaLine];
  if (isEmpty) return model.layer === 'difference' ? [] : weightLine;
  if (model.layer === 'delta') return deltaLine;
  return model.layer === 'difference' ? [deltaText(shown)] : weightLine;
}

/** What the loaded tiles know of a single cell; NaN for the rest. */
export function cellValues(
  scene: Pick<Scene, 'tiles' | 'selectionTiles' | 'weightTiles' | 'model'>,
  row: number,
  column: number,
): CellValues {
  const { selectionTiles, weightTiles, tiles, model } = scene;
  const selected = valueIn(selectionTiles, 'weight', row, column);
  const weight = Number.isNaN(selected) ? valueIn(weightTiles, 'weight', row, column) : selected;
  return {
    weight,
    delta: valueIn(selectionTiles, 'delta', row, column),
    shown: valueIn(tiles, model.layer, row, column),
  };
}

function valueIn(tiles: readonly Tile[], layer: Scene['model']['layer'], row: number, column: number): number {
  for (const tile of tiles) {
    if (tile.level !== 0) continue;
    const cell = cellIn(tile, row, column);
    if (cell >= 0) return valueOfCell(tile, layer, cell) ?? NaN;
  }
  return NaN;
}
