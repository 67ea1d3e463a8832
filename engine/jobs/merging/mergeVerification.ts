/** Checks a merged checkpoint by running it: its logits against those of base and adapters, on a few prompts. */
import { availableParallelism } from 'node:os';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { openTokenizer } from '../../checkpoint/tokenizer/tokenizer.ts';
import { PADDING_SEGMENT } from '../../data/batches/microBatch.ts';
import { ExpectedError } from '../../errors/expected.ts';
import { createForwardPass } from '../../inference/forwardPass.ts';
import type { TokenRows } from '../../inference/sharedFeeds.ts';
import { isEncoder, type AnyWeights } from '../../model/weights/anyWeights.ts';
import { withAdaptedWeights } from '../answering/adaptedWeights.ts';

/** Texts of different kinds; what they say does not matter. */
const PROMPTS = [
  'The weather this morning was',
  'Question: What is 12 + 30?\nAnswer:',
  'def add(a, b):\n    return',
  'Dear customer, thank you for your message about',
];
/** Token ids per prompt where the checkpoint has no tokenizer. */
const PLAIN_LENGTH = 16;

/**
 * Runs base with adapters, then the merged folder, one after the other, and compares their logits. Weights are read layer by
 * layer, once for all prompts, so that memory does not grow with the model.
 *
 * @returns the largest absolute difference over all prompts, positions and tokens
 * @throws ExpectedError `merge/notFinite` where the merged model gives NaN
 */
export async function largestLogitDifference(
  base: string,
  adapters: readonly string[],
  merged: string,
): Promise<number> {
  const logitsOf = (folder: string, tuning: readonly string[]): Promise<Float32Array> =>
    withAdaptedWeights(folder, tuning, (weights) => promptLogits(weights, merged), 'streamed');
  const expected = await logitsOf(base, adapters);
  const found = await logitsOf(merged, []);
  let largest = 0;
  found.forEach((logit, index) => {
    const difference = Math.abs(logit - (expected[index] ?? NaN));
    if (Number.isNaN(difference)) throw notFinite(merged);
    largest = Math.max(largest, difference);
  });
  return largest;
}

/** Logits [tokens of all prompts, vocabulary], or [prompts, labels]. */
async function promptLogits(weights: AnyWeights, tokenizerFolder: string): Promise<Float32Array> {
  const forward = await createForwardPass(weights, { device: 'cpu', threads: availableParallelism() });
  const prompts = await promptTokens(tokenizerFolder, weights.config.vocabularySize);
  const { rows, positions } = promptRows(prompts);
  try {
    if (isEncoder(weights)) return await forward.logits(textRows(rows, prompts), textStarts(rows));
    return await forward.logits(rows, positions);
  } finally {
    await forward.release();
  }
}

async function promptTokens(folder: string, vocabularySize: number): Promise<readonly Int32Array[]> {
  if (await hasTokenizer(folder)) {
    const tokenizer = await openTokenizer(folder);
    return PROMPTS.map((text) => Int32Array.from(tokenizer.encode(text, { addSpecialTokens: true })));
  }
  return PROMPTS.map((_, prompt) =>
    Int32Array.from(
      { length: PLAIN_LENGTH },
      (_unused, index) => (7919 * (prompt * PLAIN_LENGTH + index + 1)) % vocabularySize,
    ),
  );
}

async function hasTokenizer(folder: string): Promise<boolean> {
  return access(join(folder, 'tokenizer.json')).then(
    () => true,
    () => false,
  );
}

/** Prompts as rows, padded at the right with token 0, which no token before it sees; and where their tokens are. */
function promptRows(prompts: readonly Int32Array[]): { readonly rows: TokenRows; readonly positions: Int32Array } {
  const sequenceLength = Math.max(...prompts.map((tokens) => tokens.length));
  const tokenIds = new Int32Array(prompts.length * sequenceLength);
  const positions = prompts.flatMap((tokens, row) => {
    tokenIds.set(tokens, row * sequenceLength);
    return Array.from(tokens.keys(), (position) => row * sequenceLength + position);
  });
  return {
    rows: {
      batchSize: prompts.length,
      sequenceLength,
      tokenIds,
      positions: Int32Array.from(tokenIds.keys(), (index) => index % sequenceLength),
      segments: null,
    },
    positions: Int32Array.from(positions),
  };
}

/** The same rows for an encoder, which sees to both sides and must not see padding. */
function textRows(rows: TokenRows, prompts: readonly Int32Array[]): TokenRows {
  const length = (row: number): number => prompts[row]?.length ?? 0;
  const segments = rows.tokenIds.map((_, index) => {
    const row = Math.floor(index / rows.sequenceLength);
    return index % rows.sequenceLength < length(row) ? 0 : PADDING_SEGMENT;
  });
  return { ...rows, segments };
}

function textStarts({ batchSize, sequenceLength }: TokenRows): Int32Array {
  return Int32Array.from({ length: batchSize }, (_, row) => row * sequenceLength);
}

function notFinite(merged: string): ExpectedError {
  return new ExpectedError(
    'merge/notFinite',
    'the merged model gives logits that are not finite',
    'Merge with dtype F32: a sum may be too large for the dtype of the base.',
    { file: merged },
  );
}
