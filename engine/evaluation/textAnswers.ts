/** Answers to labelled texts as evaluations keep them, and what they score. */
import type { TextLabels } from '../data/texts/textLabels.ts';
import { metricsOf } from '../data/texts/textTask.ts';
import type { TokenizedExample } from '../data/tokenization.ts';
import type { AnswerRecord, EvaluationSummary, SideScores } from '../protocol/answers/evaluation.ts';
import type { TextTaskName } from '../protocol/answers/textTasks.ts';
import { evaluationSummary } from './summary.ts';
import { textScores, type TextAnswer } from './textScores.ts';

/** A value counts as right where it is nearer than this to the expected one; scores do not depend on it. */
const NEAR = 0.5;

/** A line of the answers, without the side that was asked. */
export function textRecord(
  { index, expected, got, logProbability }: TextAnswer,
  { texts }: TokenizedExample,
  { problem }: TextLabels,
): Omit<AnswerRecord, 'side'> {
  const isNear = Math.abs(Number(expected) - Number(got)) < NEAR;
  return {
    ...{ index, question: (texts ?? []).filter((text) => text !== undefined).join('\n'), expected, text: '', got },
    isRight: problem === 'regression' ? isNear : got === expected,
    ...(problem === 'regression' ? {} : { logProbability }),
  };
}

/**
 * @param task whose metrics are measured; undefined for data of one's own
 * @param answers of all sides
 */
export function textSummary(
  about: Pick<EvaluationSummary, 'name' | 'task'>,
  task: TextTaskName | undefined,
  labels: TextLabels,
  answers: readonly AnswerRecord[],
  elapsedMs: number,
): EvaluationSummary {
  const metrics = metricsOf(task, labels.problem);
  const scoreSide = (own: readonly AnswerRecord[]): SideScores => {
    const found = own.map(({ expected, got }) => ({ expected, got: got ?? '' }));
    return { examples: own.length, withoutAnswer: 0, scores: textScores(metrics, found, labels.names) };
  };
  const whole = { ...about, scoring: labels.problem, method: 'likelihood', metric: metrics[0] } as const;
  return evaluationSummary(whole, answers, elapsedMs, scoreSide);
}
