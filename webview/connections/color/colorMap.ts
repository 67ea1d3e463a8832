/** A colour map: a path through colours from 0 to 1, straight in Oklab between control points. */
import { fromOklab, toOklab, type Oklab } from './oklab.ts';
import { BLACK, parseColor, type Rgb } from './rgb.ts';

/** Colour at a place from 0 to 1; beyond, that of the nearer end. */
export type ColorMap = (place: number) => Rgb;

/** Control points at equal distances, first and last at 0 and 1. */
export function colorMap(controlPoints: readonly string[]): ColorMap {
  const points = controlPoints.map((text) => toOklab(parseColor(text, BLACK)));
  const last = points.length - 1;
  return (place) => {
    const at = Math.min(1, Math.max(0, place)) * last;
    const below = Math.min(Math.floor(at), last - 1);
    return fromOklab(between(points[below]!, points[below + 1]!, at - below));
  };
}

export function reversed(map: ColorMap): ColorMap {
  return (place) => map(1 - place);
}

function between(from: Oklab, to: Oklab, share: number): Oklab {
  const axis = (index: 0 | 1 | 2): number => from[index] + (to[index] - from[index]) * share;
  return [axis(0), axis(1), axis(2)];
}
