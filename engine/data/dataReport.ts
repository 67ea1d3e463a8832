/** Counts that tell what became of the records of a data set. */
import type { TokenizedExample } from './tokenization.ts';

/** What happened while records were read. */
export interface ReadingCounts {
  readonly records: number;
  /** Examples cut to the longest length allowed. */
  readonly truncated: number;
  /** Examples left out because they were too long (`data.tooLong` "skip"). */
  readonly skipped: number;
  /** Examples left out because truncation left no token to learn. */
  readonly withoutLabels: number;
  /** Records of a task's published file left out because a text or the label is missing. */
  readonly incomplete: number;
}

/** The examples that are used, after what happened to them; all lengths in tokens. */
export interface DataReport extends ReadingCounts {
  readonly examples: number;
  readonly tokens: number;
  readonly labelTokens: number;
  readonly longest: number;
}

export const NOTHING_READ: ReadingCounts = { records: 0, truncated: 0, skipped: 0, withoutLabels: 0, incomplete: 0 };

export function reportOf(counts: ReadingCounts, examples: readonly TokenizedExample[]): DataReport {
  let tokens = 0;
  let labelTokens = 0;
  let longest = 0;
  for (const example of examples) {
    tokens += example.tokens.length;
    labelTokens += example.isLabel.reduce((sum, label) => sum + label, 0);
    longest = Math.max(longest, example.tokens.length);
  }
  return { ...counts, examples: examples.length, tokens, labelTokens, longest };
}
