/** How often a model's greedy answer is exactly the expected one, on examples with one answer each. */
import type { CheckpointTokenizer } from '../../checkpoint/tokenizer/tokenizer.ts';
import type { TokenizedExample } from '../../data/tokenization.ts';
import { generate } from '../../generation/generation.ts';
import { GREEDY } from '../../generation/sampling.ts';
import type { Decoder } from '../../inference/decoder.ts';

export interface Answer {
  readonly prompt: string;
  readonly expected: string;
  readonly found: string;
}

export interface AccuracyReport {
  /** Share of answers that are exactly as expected, surrounding white space aside. */
  readonly accuracy: number;
  readonly answers: readonly Answer[];
}

/** Tokens beyond the expected answer's length that a generation may take before it counts as wrong. */
const SPARE_TOKENS = 4;
const ROW_COUNT = 32;

export async function answerAccuracy(
  decoder: Decoder,
  tokenizer: CheckpointTokenizer,
  examples: readonly TokenizedExample[],
): Promise<AccuracyReport> {
  const parts = examples.map(({ tokens, isLabel }) => {
    const start = isLabel.indexOf(1);
    return { prompt: tokens.slice(0, start), expected: tokens.slice(start) };
  });
  const longest = Math.max(...parts.map(({ expected }) => expected.length));
  const generated = await generate(
    decoder,
    parts.map(({ prompt }) => prompt),
    {
      maxNewTokens: longest + SPARE_TOKENS,
      eosTokenIds: tokenizer.eosTokenIds,
      rowCount: ROW_COUNT,
      sampling: GREEDY,
      seed: 0,
    },
  );
  const text = (tokens: Iterable<number>): string => tokenizer.decode([...tokens], { skipSpecialTokens: true }).trim();
  const answers = parts.map(({ prompt, expected }, index) => ({
    prompt: text(prompt),
    expected: text(expected),
    found: text(generated[index]?.tokens ?? []),
  }));
  const right = answers.filter(({ expected, found }) => expected === found).length;
  return { accuracy: right / answers.length, answers };
}
