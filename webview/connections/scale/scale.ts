/**
 * From a value to its place among the colours. Unsigned values take places from 0 to 1; signed ones have zero at one half.
 *   linear     in proportion to the value
 *   log        by the magnitude's logarithm over `DECADES` decades below the largest; smaller ones are at the start
 *   symmetric  sign(v) log(1 + |v| / c) for a constant c: linear around zero, logarithmic beyond
 */
import type { ScaleKind } from '../../../engine/protocol/connectionsView.ts';

/** Decades that the logarithmic scale covers. */
export const DECADES = 4;

/** The symmetric scale turns from linear to logarithmic at this share of the largest value. */
const LINEAR_SHARE = 0.01;

export interface Scale {
  readonly kind: ScaleKind;
  /** Largest magnitude that is told apart, above 0. */
  readonly limit: number;
  readonly isSigned: boolean;
}

/** How far a magnitude is on its way to the limit, from 0 to 1. */
export function magnitudePlace({ kind, limit }: Scale, magnitude: number): number {
  const share = Math.min(1, magnitude / limit);
  if (kind === 'linear') return share;
  if (kind === 'symmetric') return Math.log1p(share / LINEAR_SHARE) / Math.log1p(1 / LINEAR_SHARE);
  return share === 0 ? 0 : Math.max(0, 1 + Math.log10(share) / DECADES);
}

/** Inverse of `magnitudePlace`; on the logarithmic scale 0 gives the smallest magnitude that is told apart. */
export function magnitudeAt({ kind, limit }: Scale, place: number): number {
  if (kind === 'linear') return place * limit;
  if (kind === 'symmetric') return Math.expm1(place * Math.log1p(1 / LINEAR_SHARE)) * LINEAR_SHARE * limit;
  return limit * 10 ** ((place - 1) * DECADES);
}

/** Place of a value among the colours, from 0 to 1; NaN for NaN. */
export function placeOf(scale: Scale, value: number): number {
  const place = magnitudePlace(scale, Math.abs(value));
  if (!scale.isSigned) return place;
  return value < 0 ? 0.5 - place / 2 : 0.5 + place / 2;
}

/** Index into a palette of `size` colours for a value that is no NaN; a diverging one has no colour for both signs. */
export function colorIndex(scale: Scale, value: number, size: number): number {
  if (!scale.isSigned) return Math.min(size - 1, Math.floor(magnitudePlace(scale, Math.abs(value)) * size));
  const half = size / 2;
  const step = Math.min(half - 1, Math.floor(magnitudePlace(scale, Math.abs(value)) * half));
  return value < 0 ? half - 1 - step : half + step;
}
