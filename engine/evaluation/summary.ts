/** The summary of an evaluation: each side's scores, and what changed from the one to the other. */
import {
  EVALUATION_SCHEMA_VERSION,
  type AnswerRecord,
  type EvaluationSummary,
  type SideScores,
} from '../protocol/evaluation.ts';
import { MODEL_SIDES, type ModelSide } from '../protocol/generation.ts';
import { sideScores } from './sideScores.ts';

type About = Pick<EvaluationSummary, 'name' | 'task' | 'scoring' | 'method' | 'metric'>;

/** @param answers of all sides, in any order */
export function evaluationSummary(
  about: About,
  answers: readonly AnswerRecord[],
  elapsedMs: number,
): EvaluationSummary {
  const sides: Partial<Record<ModelSide, SideScores>> = {};
  for (const side of MODEL_SIDES) {
    const own = answers.filter((answer) => answer.side === side).toSorted((a, b) => a.index - b.index);
    if (own.length > 0) sides[side] = sideScores(about.scoring, own);
  }
  const examples = sides.tuned?.examples ?? sides.base?.examples ?? 0;
  const isCompared = sides.base !== undefined && sides.tuned !== undefined && about.scoring !== 'perplexity';
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
