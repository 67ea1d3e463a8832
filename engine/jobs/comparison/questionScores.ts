/** What a finished run scores on the comparison's questions, and the base with it. */
import type { AskedQuestions, ModelMeasures } from '../../protocol/comparison.ts';
import type { EvaluateParams, EvaluateResult } from '../../protocol/evaluation.ts';
import type { ModelSide } from '../../protocol/generation.ts';
import { taskNames, type Questions } from '../../protocol/questions.ts';

/** Answers that are generated side by side. */
const ROW_COUNT = 16;

export type SideScore = Pick<ModelMeasures, 'score' | 'taskScores'>;

export interface QuestionScores {
  readonly metric: string;
  readonly questions: readonly AskedQuestions[];
  readonly tuned: SideScore;
  /** Where the base was asked, and can answer. */
  readonly base: SideScore | undefined;
}

/** The evaluation of a run that asks the questions, or that asked them already. */
export function askingOf(questions: Questions, runFolder: string, includesBase: boolean): EvaluateParams {
  const { data, scoring, method, limit, maxNewTokens } = questions;
  return {
    ...{ model: runFolder, tasks: taskNames(questions), data, scoring, method, rowCount: ROW_COUNT },
    ...{ includesBase, isReused: true },
    ...(limit === undefined ? {} : { limit }),
    ...(maxNewTokens === undefined ? {} : { maxNewTokens }),
  };
}

/** Of several tasks the mean of their main metrics is the score. */
export function questionScores({ evaluations }: EvaluateResult): QuestionScores {
  const summaries = evaluations.map(({ summary }) => summary);
  const [metric = '', ...others] = new Set(summaries.map((summary) => summary.metric));
  const sideScore = (side: ModelSide): SideScore | undefined => {
    if (summaries.some(({ sides }) => sides[side] === undefined)) return undefined;
    const scores = summaries.map(
      ({ task, sides, metric: own }) => [task, sides[side]?.scores[own]?.value ?? NaN] as const,
    );
    const score = scores.reduce((sum, [, value]) => sum + value, 0) / scores.length;
    return scores.length === 1 ? { score } : { score, taskScores: Object.fromEntries(scores) };
  };
  const tuned = sideScore('tuned');
  if (tuned === undefined) throw new Error('a run has a tuned side');
  return {
    metric: others.length === 0 ? metric : 'mean of the main metrics',
    questions: summaries.map(({ task, examples }) => ({ name: task, examples })),
    ...{ tuned, base: sideScore('base') },
  };
}
