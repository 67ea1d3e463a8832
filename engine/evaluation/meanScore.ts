/** One score of a side of a model over everything that it was asked. */
import type { EvaluationSummary } from '../protocol/answers/evaluation.ts';
import type { ModelSide } from '../protocol/answers/generation.ts';

export interface MeanScore {
  /** What the score is: the main metric of what was asked. */
  readonly metric: string;
  readonly score: number;
  /** By name, where several tasks were asked, whose mean the score is. */
  readonly taskScores?: Readonly<Record<string, number>>;
}

/** Of several tasks the mean of their main metrics is the score. Undefined where the side was not asked. */
export function meanScore(
  summaries: readonly Pick<EvaluationSummary, 'task' | 'metric' | 'sides'>[],
  side: ModelSide,
): MeanScore | undefined {
  if (summaries.length === 0 || summaries.some(({ sides }) => sides[side] === undefined)) return undefined;
  const [first = '', ...others] = new Set(summaries.map(({ metric }) => metric));
  const metric = others.length === 0 ? first : 'mean of the main metrics';
  const scores = summaries.map(
    ({ task, sides, metric: own }) => [task, sides[side]?.scores[own]?.value ?? NaN] as const,
  );
  const score = scores.reduce((sum, [, value]) => sum + value, 0) / scores.length;
  return scores.length === 1 ? { metric, score } : { metric, score, taskScores: Object.fromEntries(scores) };
}
