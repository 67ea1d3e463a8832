/** What an encoder answers to labelled texts, and what that scores by the metrics of a task. */
import { planEvaluation } from '../data/batches/epochPlan.ts';
import { collate } from '../data/batches/microBatch.ts';
import type { TextLabels } from '../data/texts/textLabels.ts';
import type { TokenizedExample } from '../data/tokenization.ts';
import type { ForwardPass } from '../inference/forwardPass.ts';
import type { Score } from '../protocol/answers/evaluation.ts';
import type { TextMetric } from '../protocol/answers/textTasks.ts';
import { accuracy, binaryF1, macroF1, matthews, type LabelPair } from './metrics/classification.ts';
import { bootstrapInterval, wilsonInterval } from './metrics/confidence.ts';
import { pearson, spearman } from './metrics/correlation.ts';

/** What was answered to a text. */
export interface TextAnswer {
  /** Number of the text among those that were asked. */
  readonly index: number;
  /** Name of the class, or the value, as text. */
  readonly expected: string;
  readonly got: string;
  /** log P of the class that was given, nats; 0 for values. */
  readonly logProbability: number;
  /** P of each class, in their order; empty for values. */
  readonly probabilities: readonly number[];
}

/** Texts that go through the model at once, in tokens with padding. */
const TOKENS_AT_ONCE = 4096;

/**
 * Answers texts, those of like length together.
 *
 * @param onAnswers told after each group; what it throws ends the work
 */
export async function answerTexts(
  forward: Pick<ForwardPass, 'logits'>,
  examples: readonly TokenizedExample[],
  labels: TextLabels,
  padTokenId: number,
  onAnswers: (answers: readonly TextAnswer[]) => void = () => undefined,
): Promise<readonly TextAnswer[]> {
  const lengths = Int32Array.from(examples, ({ tokens }) => tokens.length);
  const longest = lengths.reduce((a, b) => Math.max(a, b), 1);
  const answers: TextAnswer[] = [];
  for (const rows of planEvaluation(lengths, Math.max(1, Math.floor(TOKENS_AT_ONCE / longest)))) {
    const numbers = rows.flat();
    const texts = numbers.map((number) => examples[number]).filter((example) => example !== undefined);
    const batch = collate(
      texts.map((text) => [text]),
      padTokenId,
    );
    const logits = await forward.logits(batch, batch.labelRows);
    const width = labels.names.length;
    const group = texts.map((text, place) =>
      answerOf(numbers[place] ?? 0, text, logits.subarray(place * width, (place + 1) * width), labels),
    );
    answers.push(...group);
    onAnswers(group);
  }
  return answers.sort((a, b) => a.index - b.index);
}

function answerOf(
  index: number,
  { target }: TokenizedExample,
  logits: Float32Array,
  { problem, names }: TextLabels,
): TextAnswer {
  if (problem === 'regression') {
    const expected = target !== undefined && 'value' in target ? String(target.value) : '';
    return { index, expected, got: String(logits[0] ?? NaN), logProbability: 0, probabilities: [] };
  }
  const probabilities = softmax(logits);
  const best = probabilities.indexOf(Math.max(...probabilities));
  const expected = target !== undefined && 'class' in target ? (names[target.class] ?? '') : '';
  return {
    index,
    expected,
    got: names[best] ?? '',
    logProbability: Math.log(probabilities[best] ?? NaN),
    probabilities,
  };
}

/** Probabilities of the logits of one text. */
export function softmax(logits: Float32Array): readonly number[] {
  const largest = Math.max(...logits);
  const exponentials = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((value) => value / sum);
}

type Answered = Pick<TextAnswer, 'expected' | 'got'>;

/** One metric over answers; NaN where it is undefined. @param names of the classes, of which number 1 is the positive one */
export function textMetric(metric: TextMetric, answers: readonly Answered[], names: readonly string[]): number {
  const values = (side: 'expected' | 'got'): number[] => answers.map((answer) => Number(answer[side]));
  switch (metric) {
    case 'accuracy':
      return accuracy(answers);
    case 'f1':
      return binaryF1(answers, names[1] ?? '');
    case 'macroF1':
      return macroF1(answers satisfies readonly LabelPair[]);
    case 'matthews':
      return matthews(answers);
    case 'pearson':
      return pearson(values('expected'), values('got'));
    case 'spearman':
      return spearman(values('expected'), values('got'));
  }
}

/** Each metric with its interval; metrics that are undefined for these answers are left out. */
export function textScores(
  metrics: readonly TextMetric[],
  answers: readonly Answered[],
  names: readonly string[],
): Readonly<Record<string, Score>> {
  return Object.fromEntries(
    metrics.flatMap((metric) => {
      const statistic = (sample: readonly Answered[]): number => textMetric(metric, sample, names);
      const value = statistic(answers);
      if (Number.isNaN(value)) return [];
      const right = answers.filter(({ expected, got }) => expected === got).length;
      const interval =
        metric === 'accuracy' ? wilsonInterval(right, answers.length) : bootstrapInterval(answers, statistic);
      return [[metric, { value, interval }] as const];
    }),
  );
}
