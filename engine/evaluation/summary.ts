/** The summary of an evaluation: each side's scores, and what changed from the one to the other. */
import {
  EVALUATION_SCHEMA_VERSION,
  type AnswerRecord,
  type EvaluationSummary,
  type SideScores,
} from '../protocol/answers/evaluation.ts';
import { MODEL_SIDES, type ModelSide } from '../protocol/answers/generation.ts';
import { sideScores } from './sideScores.ts';

type About = Pick<EvaluationSummary, 'name' | 'task' | 'scoring' | 'method' | 'metric'>;

/** Scorings in which no answer is right or wrong. */
const UNCOMPARED: readonly string[] = ['perplexity', 'regression'];

/**
 * @param answers of all sides, in any order
 * @param scoreSide what one side's answers score, by the scoring where absent
 */
export function evaluationSummary(
  about: About,
  answers: readonly AnswerRecord[],
  elapsedMs: number,
  scoreSide: (own: readonly AnswerRecord[]) => SideScores = (own) => sideScores(about.scoring, own),
): EvaluationSummary {
  const sides: Partial<Record<ModelSide, SideScores>> = {};
  for (const side of MODEL_SIDES) {
    const own = answers.filter((answer) => answer.side === side).toSorted((a, b) => a.index - b.index);
    if (own.length > 0) sides[side] = scoreSide(own);
  }
  const examples = sides.tuned?.examples ?? sides.base?.examples ?? 0;
  const isCompared = sides.base !== undefined && sides.tuned !== undefined && !UNCOMPARED.includes(about.scoring);
  return {
    ...{ schemaVersion: EVALUATION_SCHEMA_VERSION, ...about, examples, sides },
    ...(isCompared ? changes(answers) : {}),
    elapsedMs,
  };
}

function changes(answers: readonly AnswerRecord[]): Pick<EvaluationSummary, 'gained' | 'lost'> {
  const wasRight = new Map(answers.filter(({ side }) => side === 'base').map(({ index, isRight }) => [index, isRight]));
  const tuned = answers.filter(({ side }) => side === 'tuned');
  const count = (before: boolean, after: boolean): number =>
    tuned.filter(({ index, isRight }) => wasRight.get(index) === before && isRight === after).length;
  return { gained: count(false, true), lost: count(true, false) };
}
