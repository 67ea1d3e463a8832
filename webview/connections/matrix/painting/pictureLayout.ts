/** Where things stand in the picture of a matrix: frame, labels, and a margin on two sides; and what is at a point. */
import { xOf, yOf, type Frame, type Viewport } from '../../viewport/viewport.ts';

/** CSS pixels around the frame. */
const LEFT = 60;
const TOP = 60;
const RIGHT = 64;
const BOTTOM = 24;

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface PictureLayout {
  readonly width: number;
  readonly height: number;
  readonly frame: Frame;
  /** Corner of the frame in the picture. */
  readonly left: number;
  readonly top: number;
}

export function pictureLayout(width: number, height: number, rows: number, columns: number): PictureLayout {
  const frame = { width: Math.max(1, width - LEFT - RIGHT), height: Math.max(1, height - TOP - BOTTOM), rows, columns };
  return { width, height, frame, left: LEFT, top: TOP };
}

/** The part of the frame that the matrix covers; margins and labels stand at its edges. */
export function matrixBox({ frame, left, top }: PictureLayout, viewport: Viewport): Box {
  return {
    left: left + Math.max(0, xOf(viewport, frame, 0)),
    top: top + Math.max(0, yOf(viewport, frame, 0)),
    right: left + Math.min(frame.width, xOf(viewport, frame, frame.columns)),
    bottom: top + Math.min(frame.height, yOf(viewport, frame, frame.rows)),
  };
}

export type Region = 'matrix' | 'rowMargin' | 'columnMargin';

/** What is at a point of the picture: in margins the row or column alone. */
export function regionAt(layout: PictureLayout, viewport: Viewport, x: number, y: number): Region | undefined {
  const box = matrixBox(layout, viewport);
  const isInColumns = x >= box.left && x < box.right;
  const isInRows = y >= box.top && y < box.bottom;
  if (isInColumns && isInRows) return 'matrix';
  if (isInRows && ((x >= box.right && x < box.right + RIGHT) || (x < box.left && x >= box.left - LEFT)))
    return 'rowMargin';
  const isBeside = (y < box.top && y >= box.top - TOP) || (y >= box.bottom && y < box.bottom + BOTTOM);
  return isInColumns && isBeside ? 'columnMargin' : undefined;
}
