/** Paths of lines and markers on a chart's canvas, gaps left where a figure is not finite. */
import type uPlot from 'uplot';
import type { Marker } from '../state/runStyle.ts';
import type { Points } from './valueAxis.ts';

/** Device pixels of a point on the canvas. */
type Place = (step: number, value: number) => readonly [x: number, y: number];

const MARKER_PIXELS = 7;

/**
 * A line that goes up and down the chart more often than this is a dense band: drawn as thin as the canvas can, which
 * takes a small part of the time and looks the same.
 */
const MOST_CROSSINGS = 12;
/** Points closer than this in both directions, in device pixels, draw one. */
const NEAR = 0.5;

/** Draws through the points in order. */
export function linePath(plot: uPlot, { steps, values }: Points, isLog: boolean): uPlot.Series.Paths {
  const place = placeOn(plot, isLog);
  const path = new Path2D();
  let isPenDown = false;
  let [lastX, lastY] = [0, 0];
  let climb = 0;
  for (let index = 0; index < steps.length; index++) {
    const [x, y] = place(steps[index]!, values[index]!);
    if (!Number.isFinite(y)) {
      isPenDown = false;
      continue;
    }
    if (!isPenDown) {
      path.moveTo(x, y);
      // A point between two gaps is a dot.
      path.lineTo(x + NEAR, y);
      isPenDown = true;
    } else if (Math.abs(x - lastX) < NEAR && Math.abs(y - lastY) < NEAR && index < steps.length - 1) continue;
    else {
      path.lineTo(x, y);
      climb += Math.abs(y - lastY);
    }
    [lastX, lastY] = [x, y];
  }
  return climb > MOST_CROSSINGS * plot.bbox.height ? thin(paths(path)) : paths(path);
}

/** The chart library takes a path's own width before that of its line, though its types do not say so. */
function thin(line: uPlot.Series.Paths): uPlot.Series.Paths {
  return { ...line, _width: 1 / devicePixelRatio } as uPlot.Series.Paths;
}

/** Draws a marker at each point, as far as they do not hide each other. */
export function markerPath(plot: uPlot, { steps, values }: Points, isLog: boolean, marker: Marker): uPlot.Series.Paths {
  const place = placeOn(plot, isLog);
  const radius = (MARKER_PIXELS / 2) * devicePixelRatio;
  const path = new Path2D();
  let lastX = -Infinity;
  for (let index = 0; index < steps.length; index++) {
    const [x, y] = place(steps[index]!, values[index]!);
    if (!Number.isFinite(y) || x - lastX < 3 * radius) continue;
    OUTLINES[marker](path, x, y, radius);
    lastX = x;
  }
  return paths(path, path);
}

function paths(stroke: Path2D, fill: Path2D | null = null): uPlot.Series.Paths {
  return { stroke, fill, clip: null, band: null, flags: 0 };
}

function placeOn(plot: uPlot, isLog: boolean): Place {
  const { left, top, width, height } = plot.bbox;
  const { x, y } = plot.scales;
  const [from, to, low, high] = [x!.min!, x!.max!, y!.min!, y!.max!];
  const xRatio = width / (to - from);
  if (!isLog) {
    const yRatio = height / (high - low);
    return (step, value) => [left + (step - from) * xRatio, top + (high - value) * yRatio];
  }
  const logHigh = Math.log10(high);
  const logRatio = height / (logHigh - Math.log10(low));
  // The logarithm of zero and below has no place: a gap.
  return (step, value) => [left + (step - from) * xRatio, top + (logHigh - Math.log10(value)) * logRatio];
}

type Outline = (path: Path2D, x: number, y: number, radius: number) => void;

const OUTLINES: Readonly<Record<Marker, Outline>> = {
  circle: (path, x, y, radius) => {
    path.moveTo(x + radius, y);
    path.arc(x, y, radius, 0, 2 * Math.PI);
  },
  square: (path, x, y, radius) => path.rect(x - 0.9 * radius, y - 0.9 * radius, 1.8 * radius, 1.8 * radius),
  triangle: (path, x, y, radius) => {
    polygon(path, [
      [x, y - 1.15 * radius],
      [x + 1.1 * radius, y + 0.85 * radius],
      [x - 1.1 * radius, y + 0.85 * radius],
    ]);
  },
  diamond: (path, x, y, radius) => {
    polygon(path, [
      [x, y - 1.25 * radius],
      [x + 1.25 * radius, y],
      [x, y + 1.25 * radius],
      [x - 1.25 * radius, y],
    ]);
  },
  cross: (path, x, y, radius) => {
    stroke(path, x - radius, y - radius, x + radius, y + radius);
    stroke(path, x - radius, y + radius, x + radius, y - radius);
  },
  plus: (path, x, y, radius) => {
    stroke(path, x - 1.2 * radius, y, x + 1.2 * radius, y);
    stroke(path, x, y - 1.2 * radius, x, y + 1.2 * radius);
  },
};

function polygon(path: Path2D, corners: readonly (readonly [number, number])[]): void {
  for (const [index, [x, y]] of corners.entries()) {
    if (index === 0) path.moveTo(x, y);
    else path.lineTo(x, y);
  }
  path.closePath();
}

function stroke(path: Path2D, x0: number, y0: number, x1: number, y1: number): void {
  path.moveTo(x0, y0);
  path.lineTo(x1, y1);
}
