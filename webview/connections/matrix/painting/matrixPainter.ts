/** Draws the picture of a matrix: tiles, lines between large cells, figures inside them, and what is marked. */
import { cssColor, textOn } from '../../color/rgb.ts';
import { matrixBox, type Box } from './pictureLayout.ts';
import { valueOfCell } from '../../tiles/tileValues.ts';
import { visibleColumns, visibleRows, xOf, yOf } from '../../viewport/viewport.ts';
import { drawAxes } from './axisPainter.ts';
import { drawCellFigures } from './cellFigures.ts';
import { drawMargins } from './marginPainter.ts';
import type { CellSpan, Scene } from './scene.ts';
import { focusColor, foreground, lineColor } from './sceneColors.ts';

/** From this size on, cells have lines between them. */
const LINED_ZOOM = 9;

/** From this size on, selected ones among all weights have a ring. */
const RINGED_ZOOM = 8;

export function drawScene(context: CanvasRenderingContext2D, scene: Scene): void {
  const { layout, viewport, theme } = scene;
  const box = matrixBox(layout, viewport);
  context.fillStyle = theme.color('editor-background', theme.isDark ? '#1f1f1f' : '#ffffff');
  context.fillRect(0, 0, layout.width, layout.height);
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
  context.clip();
  drawTiles(context, scene);
  if (viewport.zoom >= LINED_ZOOM) drawLines(context, scene, box);
  if (scene.model.layer === 'weight') drawChosen(context, scene);
  drawCellFigures(context, scene);
  drawSelected(context, scene, box);
  context.restore();
  context.strokeStyle = lineColor(scene);
  context.lineWidth = 1;
  context.strokeRect(box.left - 0.5, box.top - 0.5, box.right - box.left + 1, box.bottom - box.top + 1);
  drawMargins(context, scene, box);
  drawAxes(context, scene, box);
  if (scene.pointed !== undefined) outline(context, scene, scene.pointed, foreground(scene), 1);
  if (scene.cursor !== undefined) outline(context, scene, scene.cursor, focusColor(scene), 2);
}

function drawTiles(context: CanvasRenderingContext2D, { tiles, layout, viewport }: Scene): void {
  context.imageSmoothingEnabled = false;
  const { frame, left, top } = layout;
  const ratio = devicePixelRatio;
  const snapped = (value: number): number => Math.round(value * ratio) / ratio;
  for (const tile of tiles) {
    if (tile.bitmap === undefined) continue;
    const perCell = 2 ** tile.level;
    const { height, width } = tile.content;
    // Edges on whole pixels: neighbours meet without a seam.
    const x0 = snapped(left + xOf(viewport, frame, tile.firstColumn));
    const y0 = snapped(top + yOf(viewport, frame, tile.firstRow));
    const x1 = snapped(left + xOf(viewport, frame, tile.firstColumn + width * perCell));
    const y1 = snapped(top + yOf(viewport, frame, tile.firstRow + height * perCell));
    context.drawImage(tile.bitmap, x0, y0, x1 - x0, y1 - y0);
  }
}

function drawLines(context: CanvasRenderingContext2D, scene: Scene, box: Box): void {
  const { layout, viewport } = scene;
  const { frame, left, top } = layout;
  const rows = visibleRows(viewport, frame);
  const columns = visibleColumns(viewport, frame);
  context.strokeStyle = lineColor(scene);
  context.globalAlpha = scene.theme.isHighContrast ? 0.6 : Math.min(0.5, (viewport.zoom - LINED_ZOOM) / 40 + 0.12);
  context.lineWidth = 1;
  context.beginPath();
  for (let row = rows.first + 1; row < rows.end; row++) {
    const y = Math.round(top + yOf(viewport, frame, row)) + 0.5;
    context.moveTo(box.left, y);
    context.lineTo(box.right, y);
  }
  for (let column = columns.first + 1; column < columns.end; column++) {
    const x = Math.round(left + xOf(viewport, frame, column)) + 0.5;
    context.moveTo(x, box.top);
    context.lineTo(x, box.bottom);
  }
  context.stroke();
  context.globalAlpha = 1;
}

/** Selected connections among all weights: a ring around each, where cells are large enough to have one. */
function drawChosen(context: CanvasRenderingContext2D, { selectionTiles, layout, viewport, ...scene }: Scene): void {
  if (viewport.zoom < RINGED_ZOOM || scene.level !== 0) return;
  const { frame, left, top } = layout;
  const { zoom } = viewport;
  const rows = visibleRows(viewport, frame);
  const columns = visibleColumns(viewport, frame);
  context.strokeStyle = cssColor(textOn(scene.model.view.look.ground.color));
  context.lineWidth = 2;
  for (const tile of selectionTiles) {
    if (tile.content.kind !== 'selection') continue;
    const { width, height } = tile.content;
    const last = {
      row: Math.min(rows.end, tile.firstRow + height),
      column: Math.min(columns.end, tile.firstColumn + width),
    };
    for (let row = Math.max(rows.first, tile.firstRow); row < last.row; row++) {
      for (let column = Math.max(columns.first, tile.firstColumn); column < last.column; column++) {
        const cell = (row - tile.firstRow) * width + column - tile.firstColumn;
        if (valueOfCell(tile, 'selection', cell) === undefined) continue;
        const [x, y] = [left + xOf(viewport, frame, column), top + yOf(viewport, frame, row)];
        context.strokeRect(x + 1, y + 1, zoom - 1, zoom - 1);
      }
    }
  }
}

/** The inspected neuron and input as two bands. */
function drawSelected(context: CanvasRenderingContext2D, scene: Scene, box: Box): void {
  const { layout, viewport, model } = scene;
  const { frame, left, top } = layout;
  const { selected } = model.view.state;
  if (selected === null) return;
  context.strokeStyle = focusColor(scene);
  context.lineWidth = 1;
  const thickness = Math.max(3, viewport.zoom);
  if (selected.row !== undefined) {
    const middle = top + yOf(viewport, frame, model.arrangement.positionOfRow(selected.row) + 0.5);
    context.strokeRect(box.left - 2, middle - thickness / 2, box.right - box.left + 4, thickness);
  }
  if (selected.column !== undefined) {
    const middle = left + xOf(viewport, frame, model.arrangement.positionOfColumn(selected.column) + 0.5);
    context.strokeRect(middle - thickness / 2, box.top - 2, thickness, box.bottom - box.top + 4);
  }
}

function outline(
  context: CanvasRenderingContext2D,
  { layout, viewport }: Scene,
  { firstRow, firstColumn, positionsPerCell }: CellSpan,
  color: string,
  width: number,
): void {
  const { frame, left, top } = layout;
  const size = Math.max(4, positionsPerCell * viewport.zoom);
  const x = left + xOf(viewport, frame, firstColumn + positionsPerCell / 2) - size / 2;
  const y = top + yOf(viewport, frame, firstRow + positionsPerCell / 2) - size / 2;
  context.strokeStyle = color;
  context.lineWidth = width;
  context.strokeRect(x - width / 2, y - width / 2, size + width, size + width);
}
