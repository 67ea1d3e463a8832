/** What a finished run scores on the comparison's questions, and the base with it. */
import { meanScore, type MeanScore } from '../../evaluation/meanScore.ts';
import type { AskedQuestions } from '../../protocol/comparison.ts';
import type { EvaluateParams, EvaluateResult } from '../../protocol/answers/evaluation.ts';
import type { Questions } from '../../protocol/configuration/questions.ts';
import { askedQuestions } from '../answering/evaluationSets.ts';

export interface QuestionScores {
  readonly questions: readonly AskedQuestions[];
  readonly tuned: MeanScore;
  /** Where the base was asked, and can answer. */
  readonly base: MeanScore | undefined;
}

/** The evaluation of a run that asks the questions, or that asked them already. */
export function askingOf(questions: Questions, runFolder: string, includesBase: boolean): EvaluateParams {
  return { model: runFolder, ...askedQuestions(questions), includesBase, isReused: true };
}

export function questionScores({ evaluations }: EvaluateResult): QuestionScores {
  const summaries = evaluations.map(({ summary }) => summary);
  const tuned = meanScore(summaries, 'tuned');
  if (tuned === undefined) throw new Error('a run has a tuned side');
  const questions = summaries.map(({ task, examples }) => ({ name: task, examples }));
  return { questions, tuned, base: meanScore(summaries, 'base') };
}
