/** Greedy generation: the most probable next token, for several prompts at once, until each has ended. */
import type { ForwardPass } from '../inference/forwardPass.ts';
import type { TokenRows } from '../inference/sharedFeeds.ts';

export interface GreedyOptions {
  /** Most tokens to generate for each prompt. */
  readonly maxNewTokens: number;
  /** Any of them ends a generation and is not part of it. */
  readonly eosTokenIds: readonly number[];
  /** Prompts that go through the model at once. */
  readonly batchSize: number;
}

/** The tokens that follow each prompt; prompts must not be empty. */
export async function generateGreedily(
  forward: ForwardPass,
  prompts: readonly Int32Array[],
  options: GreedyOptions,
): Promise<readonly (readonly number[])[]> {
  const order = [...prompts.keys()].sort((a, b) => (prompts[a]?.length ?? 0) - (prompts[b]?.length ?? 0));
  const results: number[][] = prompts.map(() => []);
  for (let start = 0; start < order.length; start += options.batchSize) {
    const chosen = order.slice(start, start + options.batchSize);
    const sequences = chosen.map((index) => [...(prompts[index] ?? [])]);
    const generated = await generateBatch(forward, sequences, options);
    chosen.forEach((index, row) => (results[index] = generated[row] ?? []));
  }
  return results;
}

/** Extends each sequence in place; returns what was added. */
async function generateBatch(forward: ForwardPass, sequences: number[][], options: GreedyOptions): Promise<number[][]> {
  const generated = sequences.map((): number[] => []);
  let open = [...sequences.keys()];
  for (let count = 0; count < options.maxNewTokens && open.length > 0; count++) {
    const rows = openRows(open.map((index) => sequences[index] ?? []));
    const last = Int32Array.from(open, (index, row) => row * rows.sequenceLength + (sequences[index]?.length ?? 1) - 1);
    const logits = await forward.logits(rows, last);
    const width = logits.length / open.length;
    const next = open.map((_, row) => largestIndex(logits.subarray(row * width, (row + 1) * width)));
    open = open.filter((index, row) => {
      const token = next[row] ?? 0;
      if (options.eosTokenIds.includes(token)) return false;
      sequences[index]?.push(token);
      generated[index]?.push(token);
      return true;
    });
  }
  return generated;
}

/** Sequences as rows, padded at the right: causality keeps the padding from being seen. */
function openRows(sequences: readonly (readonly number[])[]): TokenRows {
  const sequenceLength = Math.max(...sequences.map((sequence) => sequence.length));
  const tokenIds = new Int32Array(sequences.length * sequenceLength);
  sequences.forEach((sequence, row) => {
    tokenIds.set(sequence, row * sequenceLength);
  });
  const positions = Int32Array.from(tokenIds, (_, index) => index % sequenceLength);
  return { batchSize: sequences.length, sequenceLength, tokenIds, positions, segments: null };
}

/** Of equal logits the lower token wins. */
function largestIndex(logits: Float32Array): number {
  let best = 0;
  for (let index = 1; index < logits.length; index++) if ((logits[index] ?? 0) > (logits[best] ?? 0)) best = index;
  return best;
}
