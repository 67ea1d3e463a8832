/**
 * Top-k of a row by magnitude. The row is compared with a guessed threshold, and the few columns that reach it are cut to
 * exactly k. The guess decides only the speed: where too few columns reach it, it is lowered.
 * Ties: of equal magnitudes the lower column wins; -0 equals 0.
 */
import { createCandidateCut } from './candidateCut.ts';
import type { MagnitudeRow } from './magnitudeRow.ts';

export type MagnitudeOrder = 'largest' | 'smallest';

/** Writes the k selected columns of the loaded row, ascending, from `offset` of `into` on. The row must be finite. */
export type RowSelector = (into: Int32Array, offset: number) => void;

/** Comparisons with a guessed threshold before every column is taken as a candidate. */
const GUESS_LIMIT = 8;
/** How much a guess widens after it missed, and narrows after it hit: about one guess in ten misses. */
const WIDENING = 0.1;
const NARROWING = 0.01;
/** Candidates per selected column from which on the next guess is set anew instead of adjusted. */
const FAR_OFF = 6;
/** XOR that turns the order of sign-cleared patterns round. */
const REVERSING = 0x7fffffff;

const scratchFloat = new Float32Array(1);
const scratchPattern = new Int32Array(scratchFloat.buffer);

/**
 * A selector for rows of one matrix; it learns where their k-th magnitude lies relative to their mean.
 * @param k at most the row's columns
 */
export function createRowSelector(row: MagnitudeRow, k: number, order: MagnitudeOrder): RowSelector {
  const cut = createCandidateCut(row, k);
  const flip = order === 'largest' ? 0 : REVERSING;
  const wider = order === 'largest' ? 1 - WIDENING : 1 / (1 - WIDENING);
  const narrower = order === 'largest' ? 1 + NARROWING : 1 / (1 + NARROWING);
  let ratio = 1;
  return (into, offset) => {
    const mean = row.sum() / row.columns;
    let threshold = 0;
    let count = 0;
    for (let guess = 0; count < k && guess < GUESS_LIMIT; guess += 1) {
      threshold = patternOf(mean * ratio) ^ flip;
      count = row.markRow(threshold, flip);
      ratio *= count < k ? wider : narrower;
    }
    if (count < k) {
      threshold = 0;
      count = row.markRow(0, flip);
    }
    const lowest = cut(flip, count, threshold, into, offset);
    const exactRatio = magnitudeOf(lowest ^ flip) / mean;
    if (count > FAR_OFF * k && exactRatio > 0 && exactRatio < Infinity) ratio = exactRatio * wider;
  };
}

function patternOf(magnitude: number): number {
  scratchFloat[0] = magnitude;
  return scratchPattern[0]!;
}

function magnitudeOf(pattern: number): number {
  scratchPattern[0] = pattern;
  return scratchFloat[0]!;
}
