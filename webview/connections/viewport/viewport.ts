/**
 * What part of a matrix is seen: a centre and a zoom, and the arithmetic of moving both. Positions are places in the
 * displayed order, fractions included: position 2.5 is the middle of the third row. Lengths are CSS pixels.
 */

export interface Viewport {
  /** Position at the middle of the frame. */
  readonly row: number;
  readonly column: number;
  /** Pixels per position, the same for both axes. */
  readonly zoom: number;
}

/** The place on the screen, and the matrix in it. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly rows: number;
  readonly columns: number;
}

/** A cell of this many pixels shows its figures in full. */
export const LARGEST_ZOOM = 112;

/** Zoom at which the whole matrix is seen. */
export function fittingZoom({ width, height, rows, columns }: Frame): number {
  return Math.min(LARGEST_ZOOM, Math.max(1, width) / columns, Math.max(1, height) / rows);
}

export function wholeMatrix(frame: Frame): Viewport {
  return { row: frame.rows / 2, column: frame.columns / 2, zoom: fittingZoom(frame) };
}

/** The nearest viewport that shows nothing but matrix, or all of it in the middle. */
export function clamped(viewport: Viewport, frame: Frame): Viewport {
  const zoom = Math.min(LARGEST_ZOOM, Math.max(fittingZoom(frame), viewport.zoom));
  return {
    row: clampedCentre(viewport.row, frame.rows, frame.height / zoom),
    column: clampedCentre(viewport.column, frame.columns, frame.width / zoom),
    zoom,
  };
}

function clampedCentre(centre: number, length: number, seen: number): number {
  if (seen >= length) return length / 2;
  return Math.min(length - seen / 2, Math.max(seen / 2, centre));
}

/** The matrix follows the pointer by so many pixels. */
export function panned(viewport: Viewport, frame: Frame, deltaX: number, deltaY: number): Viewport {
  const { row, column, zoom } = viewport;
  return clamped({ row: row - deltaY / zoom, column: column - deltaX / zoom, zoom }, frame);
}

/** Zooms by a factor; the position under the point stays there. */
export function zoomedAt(viewport: Viewport, frame: Frame, factor: number, x: number, y: number): Viewport {
  const zoom = Math.min(LARGEST_ZOOM, Math.max(fittingZoom(frame), viewport.zoom * factor));
  const under = positionAt(viewport, frame, x, y);
  return clamped(
    { row: under.row - (y - frame.height / 2) / zoom, column: under.column - (x - frame.width / 2) / zoom, zoom },
    frame,
  );
}

/** Moves as little as needed to bring a position into view, with a margin around it. */
export function revealing(viewport: Viewport, frame: Frame, row: number, column: number): Viewport {
  const { zoom } = viewport;
  return clamped(
    {
      row: revealedCentre(viewport.row, row + 0.5, frame.height / zoom),
      column: revealedCentre(viewport.column, column + 0.5, frame.width / zoom),
      zoom,
    },
    frame,
  );
}

/** A tenth of what is seen, or two positions, stays between the target and the edge. */
function revealedCentre(centre: number, target: number, seen: number): number {
  const reach = Math.max(0, seen / 2 - Math.min(seen / 10, 2));
  return Math.min(target + reach, Math.max(target - reach, centre));
}

export function positionAt(
  { row, column, zoom }: Viewport,
  { width, height }: Frame,
  x: number,
  y: number,
): { row: number; column: number } {
  return { row: row + (y - height / 2) / zoom, column: column + (x - width / 2) / zoom };
}

/** Where a column's left and a row's upper edge are on the screen. */
export function xOf({ column, zoom }: Viewport, { width }: Frame, position: number): number {
  return width / 2 + (position - column) * zoom;
}

export function yOf({ row, zoom }: Viewport, { height }: Frame, position: number): number {
  return height / 2 + (position - row) * zoom;
}

/** Positions that are seen at least in part: from first up to, not including, end. */
export interface Span {
  readonly first: number;
  readonly end: number;
}

export function visibleRows(viewport: Viewport, frame: Frame): Span {
  return spanAround(viewport.row, frame.height / viewport.zoom, frame.rows);
}

export function visibleColumns(viewport: Viewport, frame: Frame): Span {
  return spanAround(viewport.column, frame.width / viewport.zoom, frame.columns);
}

function spanAround(centre: number, seen: number, length: number): Span {
  return {
    first: Math.min(length, Math.max(0, Math.floor(centre - seen / 2))),
    end: Math.max(0, Math.min(length, Math.ceil(centre + seen / 2))),
  };
}
