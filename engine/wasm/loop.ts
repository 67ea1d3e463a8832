/** Pieces that every vector loop is made of. */
import { instruction as op, type Code } from './encoder.ts';

/** Bytes of a vector. */
export const V = 16;

/** Adds to a counter. */
export const add = (local: number, amount: number): Code => [
  ...op.getLocal(local),
  ...op.constantI32(amount),
  ...op.addI32,
  ...op.setLocal(local),
];

/** Ends the body of a loop: again while `local` is below `end`. */
export const repeatWhileBefore = (local: number, end: number): Code => [
  ...op.getLocal(local),
  ...op.getLocal(end),
  ...op.lessThanUnsignedI32,
  ...op.branchIf(0),
];

/** Sets the vector local `into` to four times `value`. */
export const splat = (value: Code, into: number): Code => [...value, ...op.splatI32, ...op.setLocal(into)];
