/** A picture for a file: title, what it shows, and the legend of its colours, on the page's ground. */
import type { Look } from '../view/view.ts';
import { cssColor } from '../color/rgb.ts';
import type { Legend } from '../controls/legend.ts';
import { legendTicks } from '../scale/ticks.ts';

const MARGIN = 24;
const HEAD = 52;
const LEGEND_WIDTH = 320;
const LEGEND_HEIGHT = 44;

/** Pixels of the file for each of the picture's. */
const RESOLUTION = 2;

export interface Figure {
  readonly title: string;
  readonly subtitle: string;
  readonly legend: Legend | undefined;
  readonly width: number;
  readonly height: number;
  /** Draws with its own corner at 0, 0. */
  draw(context: CanvasRenderingContext2D): void;
}

export function figureCanvas(look: Look, figure: Figure): HTMLCanvasElement {
  const { title, subtitle, legend, width, height } = figure;
  const canvas = document.createElement('canvas');
  const outerWidth = Math.max(width, LEGEND_WIDTH) + 2 * MARGIN;
  canvas.width = Math.round(outerWidth * RESOLUTION);
  canvas.height = Math.round((height + HEAD + LEGEND_HEIGHT + 2 * MARGIN) * RESOLUTION);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('the browser gave no canvas for the picture');
  context.scale(RESOLUTION, RESOLUTION);
  context.fillStyle = cssColor(look.ground.color);
  context.fillRect(0, 0, canvas.width, canvas.height);
  drawText(context, look, title, MARGIN + 10, true);
  drawText(context, look, subtitle, MARGIN + 32, false);
  context.save();
  context.translate(MARGIN, MARGIN + HEAD);
  figure.draw(context);
  context.restore();
  if (legend !== undefined) {
    context.translate(MARGIN, MARGIN + HEAD + height + 16);
    drawLegend(context, look, legend);
  }
  return canvas;
}

function drawText(context: CanvasRenderingContext2D, look: Look, text: string, y: number, isTitle: boolean): void {
  context.font = isTitle ? `600 16px ${fontFamily(look)}` : `12px ${fontFamily(look)}`;
  context.fillStyle = textColor(look);
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.fillText(text, MARGIN, y);
}

function drawLegend(context: CanvasRenderingContext2D, look: Look, { scale, palette, text }: Legend): void {
  for (const [index, color] of palette.colors.entries()) {
    context.fillStyle = cssColor(color);
    context.fillRect((index * LEGEND_WIDTH) / palette.colors.length, 0, LEGEND_WIDTH / palette.colors.length + 0.5, 10);
  }
  context.font = `11px ${fontFamily(look)}`;
  context.fillStyle = textColor(look);
  context.textBaseline = 'top';
  for (const { value, place } of legendTicks(scale)) {
    context.textAlign = place < 0.04 ? 'left' : place > 0.96 ? 'right' : 'center';
    context.fillText(text(value), place * LEGEND_WIDTH, 15);
  }
}

export function fontFamily({ theme }: Look): string {
  return theme.font.replace(/^\S+ /, '');
}

export function textColor({ theme }: Look): string {
  return theme.color('foreground', theme.isDark ? '#cccccc' : '#3b3b3b');
}
