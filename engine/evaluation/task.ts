/** What a published task is: where its test file is found, how it is asked, and how its answers are judged. */
import type { TaskFamily } from '../protocol/answers/evaluation.ts';
import type { Judge } from './judgement.ts';

/** A possible answer, and the text that states it. */
export interface Choice {
  readonly label: string;
  readonly text: string;
}

export interface Task {
  /** As the official data sets are called. */
  readonly name: string;
  readonly family: TaskFamily;
  /** What it asks, in a few words. */
  readonly title: string;
  /** How a question becomes a prompt. */
  readonly template: 'alpaca' | 'commonsense';
  /** Longest answer in tokens. */
  readonly maxNewTokens: number;
  readonly judge: Judge;
  /** The possible answers to a question; none where it is open. */
  readonly choicesOf: (question: string) => readonly Choice[];
}
