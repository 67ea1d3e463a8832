/** Draws a grid of modules as it stands on the page, for a file. */
import type { Look } from '../view/view.ts';
import { PALETTE_SIZE } from '../color/palette.ts';
import { cssColor, textOn } from '../color/rgb.ts';
import type { ModuleGrid } from './moduleGrid.ts';
import { colorIndex } from '../scale/scale.ts';
import { fontFamily, textColor } from '../export/figureCanvas.ts';

const LABEL = 48;
const CELL_WIDTH = 88;
const CELL_HEIGHT = 24;
const TITLE = 26;

export type GridPicture = Pick<ModuleGrid, 'layers' | 'kinds' | 'scale' | 'palette' | 'cell'> & {
  readonly title: string;
};

export function gridSize({ layers, kinds }: GridPicture): { readonly width: number; readonly height: number } {
  return { width: LABEL + kinds.length * CELL_WIDTH, height: TITLE + (layers.length + 1) * CELL_HEIGHT };
}

export function drawGrid(context: CanvasRenderingContext2D, look: Look, grid: GridPicture): void {
  const { layers, kinds, title, scale, palette } = grid;
  context.textBaseline = 'middle';
  context.fillStyle = textColor(look);
  context.font = `600 12px ${fontFamily(look)}`;
  context.textAlign = 'left';
  context.fillText(title, 0, TITLE / 2 - 4);
  context.font = `12px ${fontFamily(look)}`;
  context.textAlign = 'center';
  for (const [column, kind] of kinds.entries())
    context.fillText(kind, LABEL + (column + 0.5) * CELL_WIDTH, TITLE + CELL_HEIGHT / 2);
  for (const [row, layer] of layers.entries()) {
    const y = TITLE + (row + 1) * CELL_HEIGHT;
    context.fillStyle = textColor(look);
    context.textAlign = 'right';
    context.fillText(String(layer), LABEL - 10, y + CELL_HEIGHT / 2);
    context.textAlign = 'center';
    for (const [column, kind] of kinds.entries()) {
      const cell = grid.cell(layer, kind);
      if (cell?.value === undefined) continue;
      const hasColor = !Number.isNaN(cell.value);
      const color = hasColor ? palette.colors[colorIndex(scale, cell.value, PALETTE_SIZE)]! : look.ground.color;
      const x = LABEL + column * CELL_WIDTH;
      context.fillStyle = cssColor(color);
      context.fillRect(x, y, CELL_WIDTH - 1, CELL_HEIGHT - 1);
      context.fillStyle = cssColor(textOn(color));
      context.fillText(cell.text, x + CELL_WIDTH / 2, y + CELL_HEIGHT / 2);
    }
  }
}
