/** Forms the batches of an epoch: a pure function of the seed and the epoch, so that resuming needs the step number alone. */
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import { packRows } from './rowPacking.ts';
import { shuffledNumbers } from './seededOrder.ts';

/** The numbers of the examples in one row: a single one unless rows are packed. */
export type BatchRow = readonly number[];

/** The rows of one optimizer step, longest first. */
export type Batch = readonly BatchRow[];

export interface EpochOptions {
  /** Examples per optimizer step, packed or not; only the epoch's smallest batch may have fewer. */
  readonly batchSize: number;
  readonly batching: RunConfiguration['training']['batching'];
  /** Longest row in tokens, for packing; no example may be longer. */
  readonly maxLength: number;
  readonly seed: number;
  /** Counted from 0. */
  readonly epoch: number;
}

/** Length-sorted batching sorts within windows of this many batches: little padding, yet other neighbours every epoch. */
const WINDOW_BATCHES = 50;

/**
 * The batches of one epoch in the order of their steps; every example occurs exactly once.
 *
 * "shuffled" cuts a random order into batches. "lengthSorted" sorts windows of that order by length, cuts them and
 * shuffles the batches, so that the examples of a batch are about equally long. "packed" puts the examples of each
 * shuffled batch into as few rows as it can; the batch stays `batchSize` examples, so a step means the same as unpacked.
 * @param lengths tokens of each example
 */
export function planEpoch(lengths: Int32Array, options: EpochOptions): readonly Batch[] {
  const { batchSize, batching, maxLength, seed, epoch } = options;
  const order = shuffledNumbers(lengths.length, seed, 'examples', epoch);
  const lengthOf = (example: number): number => lengths[example] ?? 0;
  const rowLength = (row: BatchRow): number => row.reduce((sum, example) => sum + lengthOf(example), 0);
  const longestFirst = (rows: readonly BatchRow[]): Batch => [...rows].sort((a, b) => rowLength(b) - rowLength(a));
  switch (batching) {
    case 'shuffled':
      return cut(order, batchSize).map((examples) => longestFirst(examples.map((example) => [example])));
    case 'packed':
      return cut(order, batchSize).map((examples) => longestFirst(packRows(examples, lengthOf, maxLength)));
    case 'lengthSorted': {
      const batches = cut(order, batchSize * WINDOW_BATCHES).flatMap((window) =>
        cut(Int32Array.from(window.toSorted((a, b) => lengthOf(b) - lengthOf(a))), batchSize),
      );
      const shuffled = shuffledNumbers(batches.length, seed, 'batches', epoch);
      return Array.from(shuffled, (number) => (batches[number] ?? []).map((example) => [example]));
    }
  }
}

/** Batches for evaluation: every example once, alike lengths together, the longest first; the same every time. */
export function planEvaluation(lengths: Int32Array, batchSize: number): readonly Batch[] {
  const order = Array.from(lengths.keys()).sort((a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0));
  return cut(Int32Array.from(order), batchSize).map((examples) => examples.map((example) => [example]));
}

/** Optimizer steps of one epoch, whatever the batching. */
export function stepsPerEpoch(exampleCount: number, batchSize: number): number {
  return Math.ceil(exampleCount / batchSize);
}

/** Cuts a batch into parts of `microBatchSize` rows, in order; the last part may be smaller. */
export function splitMicroBatches(batch: Batch, microBatchSize: number): readonly Batch[] {
  const parts: Batch[] = [];
  for (let start = 0; start < batch.length; start += microBatchSize) {
    parts.push(batch.slice(start, start + microBatchSize));
  }
  return parts;
}

function cut(order: Int32Array, size: number): number[][] {
  const parts: number[][] = [];
  for (let start = 0; start < order.length; start += size) parts.push([...order.subarray(start, start + size)]);
  return parts;
}
