/** Checks a merged checkpoint by running it: its logits against those of base and adapters, on a few prompts. */
import { availableParallelism } from 'node:os';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { openTokenizer } from '../checkpoint/tokenizer.ts';
import { ExpectedError } from '../errors/expected.ts';
import { createForwardPass } from '../inference/forwardPass.ts';
import type { TokenRows } from '../inference/sharedFeeds.ts';
import type { DecoderWeights } from '../model/decoderWeights.ts';
import { loadAdaptedWeights } from './adaptedWeights.ts';

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
 * Loads base with adapters, then the merged folder, one after the other, and compares their logits.
 *
 * @returns the largest absolute difference over all prompts, positions and tokens
 * @throws ExpectedError `merge/notFinite` where the merged model gives NaN
 */
export async function largestLogitDifference(
  base: string,
  adapters: readonly string[],
  merged: string,
): Promise<number> {
  const expected = await promptLogits(await loadAdaptedWeights(base, adapters), merged);
  const found = await promptLogits(await loadAdaptedWeights(merged, []), merged);
  let largest = 0;
  found.forEach((logits, prompt) => {
    logits.forEach((logit, index) => {
      const difference = Math.abs(logit - (expected[prompt]?.[index] ?? NaN));
      if (Number.isNaN(difference)) throw notFinite(merged);
      largest = Math.max(largest, difference);
    });
  });
  return largest;
}

async function promptLogits(weights: DecoderWeights, tokenizerFolder: string): Promise<readonly Float32Array[]> {
  const forward = await createForwardPass(weights, { device: 'cpu', threads: availableParallelism() });
  const results: Float32Array[] = [];
  for (const tokens of await promptTokens(tokenizerFolder, weights.config.vocabularySize)) {
    results.push(await forward.logits(singleRow(tokens), Int32Array.from(tokens.keys())));
  }
  await forward.release();
  return results;
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

function singleRow(tokenIds: Int32Array): TokenRows {
  return {
    batchSize: 1,
    sequenceLength: tokenIds.length,
    tokenIds,
    positions: Int32Array.from(tokenIds.keys()),
    segments: null,
  };
}

function notFinite(merged: string): ExpectedError {
  return new ExpectedError(
    'merge/notFinite',
    'the merged model gives logits that are not finite',
    'Merge with dtype F32: a sum may be too large for the dtype of the base.',
    { file: merged },
  );
}
