/** Questions that are ready to be asked, and how their answers are scored: what tasks and data files are turned into. */
import type { TokenizedExample } from '../data/tokenization.ts';
import type { Judge } from './judgement.ts';

export interface EvaluationItem {
  /** Number in the data, from 0. */
  readonly index: number;
  /** The question as a person reads it. */
  readonly question: string;
  readonly expected: string;
  /** The prompt as text and as tokens. */
  readonly promptText: string;
  readonly prompt: Int32Array;
  /** Possible answers with the tokens that state them. */
  readonly choices: readonly { readonly label: string; readonly tokens: Int32Array }[];
  /** Prompt and expected answer, the answer labelled; for perplexity. */
  readonly example: TokenizedExample | undefined;
}

export interface EvaluationSet {
  /** The task's name, or the data file's. */
  readonly task: string;
  /** `task`, or how answers to a data file are scored. */
  readonly scoring: string;
  readonly file: string;
  readonly judge: Judge;
  /** Longest answer in tokens. */
  readonly maxNewTokens: number;
  readonly items: readonly EvaluationItem[];
}
