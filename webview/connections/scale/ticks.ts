/** Values to write beside a legend: round ones, well apart, for each kind of scale. */
import { DECADES, magnitudeAt, magnitudePlace, placeOf, type Scale } from './scale.ts';

export interface Tick {
  readonly value: number;
  /** From 0 to 1 along the legend. */
  readonly place: number;
}

/** Ticks are at least this far apart, as a share of one sign's length. */
const LEAST_DISTANCE = 0.18;

export function legendTicks(scale: Scale): Tick[] {
  const magnitudes = scale.kind === 'linear' ? linearMagnitudes(scale.limit) : decadeMagnitudes(scale);
  const values = scale.isSigned
    ? [...magnitudes.filter((value) => value > 0).map((value) => -value), ...magnitudes]
    : magnitudes;
  return values.map((value) => ({ value, place: placeOf(scale, value) })).sort((a, b) => a.place - b.place);
}

/** Zero and multiples of 1, 2 or 5 times a power of ten: two to five of them. */
function linearMagnitudes(limit: number): number[] {
  const step = roundStep(limit / 4);
  return Array.from({ length: Math.floor(limit / step + 1e-9) + 1 }, (_, index) => index * step);
}

/** The largest of 1, 2, 5 times a power of ten that is not above `atLeast`, or the next one. */
function roundStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  return ([1, 2, 5].find((factor) => factor * power >= atLeast * (1 - 1e-9)) ?? 10) * power;
}

/** Powers of ten from the limit down, and zero where the scale has it. */
function decadeMagnitudes(scale: Scale): number[] {
  const kept: number[] = [];
  const top = Math.floor(Math.log10(scale.limit) + 1e-9);
  const smallest = scale.kind === 'log' ? magnitudeAt(scale, 0) : 0;
  for (let exponent = top; exponent >= top - DECADES; exponent--) {
    const value = 10 ** exponent;
    const place = magnitudePlace(scale, value);
    const isApart = kept.every((other) => Math.abs(magnitudePlace(scale, other) - place) >= LEAST_DISTANCE);
    const isFromZero = place >= (scale.kind === 'log' ? (scale.isSigned ? LEAST_DISTANCE / 2 : 0) : LEAST_DISTANCE);
    if (value >= smallest * (1 - 1e-9) && isApart && isFromZero) kept.push(value);
  }
  return scale.kind === 'log' ? kept : [0, ...kept];
}
