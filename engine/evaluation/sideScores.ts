/** What a side of the model scored, from its answers: the metrics that fit the scoring, each with its interval. */
import type { AnswerRecord, Score, SideScores } from '../protocol/answers/evaluation.ts';
import { macroF1, matthews, type LabelPair } from './metrics/classification.ts';
import { bootstrapInterval, wilsonInterval } from './metrics/confidence.ts';
import { pearson, spearman } from './metrics/correlation.ts';

type ScoredAnswer = Omit<AnswerRecord, 'side'>;

/** The metric that tells most of a scoring. */
export function mainMetric(scoring: string): string {
  return scoring === 'perplexity' ? 'perplexity' : 'accuracy';
}

/** @param answers at least one */
export function sideScores(scoring: string, answers: readonly ScoredAnswer[]): SideScores {
  const withoutAnswer = scoring === 'perplexity' ? 0 : answers.filter(({ got }) => got === null).length;
  return { examples: answers.length, withoutAnswer, scores: scoresOf(scoring, answers) };
}

function scoresOf(scoring: string, answers: readonly ScoredAnswer[]): Readonly<Record<string, Score>> {
  switch (scoring) {
    case 'perplexity':
      return { perplexity: resampled(answers, perplexity) };
    case 'choice':
      return { ...shareRight(answers), ...labelScores(answers) };
    case 'number':
      return { ...shareRight(answers), ...numberScores(answers) };
    default:
      return shareRight(answers);
  }
}

function shareRight(answers: readonly ScoredAnswer[]): Readonly<Record<string, Score>> {
  const right = answers.filter(({ isRight }) => isRight).length;
  return { accuracy: { value: right / answers.length, interval: wilsonInterval(right, answers.length) } };
}

/** exp of the mean loss per token over all examples. */
function perplexity(answers: readonly ScoredAnswer[]): number {
  const tokens = answers.reduce((sum, { tokenCount = 0 }) => sum + tokenCount, 0);
  return Math.exp(-answers.reduce((sum, { logProbability = NaN }) => sum + logProbability, 0) / tokens);
}

function labelScores(answers: readonly ScoredAnswer[]): Readonly<Record<string, Score>> {
  const pairs = answers.map(({ expected, got }): LabelPair => ({ expected: expected.trim(), got }));
  return { macroF1: resampled(pairs, macroF1), matthews: resampled(pairs, matthews) };
}

/** Over the examples in which a number was found; none where they do not vary. */
function numberScores(answers: readonly ScoredAnswer[]): Readonly<Record<string, Score>> {
  const found = answers.filter(({ got }) => got !== null);
  const over =
    (correlation: typeof pearson) =>
    (sample: readonly ScoredAnswer[]): number =>
      correlation(
        sample.map(({ expected }) => Number(expected)),
        sample.map(({ got }) => Number(got)),
      );
  if (Number.isNaN(over(pearson)(found))) return {};
  return { pearson: resampled(found, over(pearson)), spearman: resampled(found, over(spearman)) };
}

function resampled<T>(examples: readonly T[], statistic: (sample: readonly T[]) => number): Score {
  return { value: statistic(examples), interval: bootstrapInterval(examples, statistic) };
}
