/** Zoom levels: at level n a cell pools 2^n positions of each axis, so that a cell is never smaller than a pixel. */
import type { Frame } from './viewport.ts';

/** A bit more than a pixel: tiles are drawn to whole pixels, and that must not squeeze a cell out. */
const LEAST_PIXELS = 1.05;

/** Frames of more pixels than this get cells of two pixels, which bounds what is painted at once. */
const FINE_PIXELS = 2.2e6;

export function levelOf(zoom: number, { width, height }: Pick<Frame, 'width' | 'height'>): number {
  const leastPixels = LEAST_PIXELS * (width * height > FINE_PIXELS ? 2 : 1);
  return Math.max(0, Math.ceil(Math.log2(leastPixels / zoom)));
}

export function positionsPerCell(level: number): number {
  return 2 ** level;
}
