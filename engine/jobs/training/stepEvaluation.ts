/** What is measured at a step of training: the loss, and further scores by which the best step may be chosen. */
import { metricsOf } from '../../data/texts/textTask.ts';
import { answerTexts, textMetric } from '../../evaluation/textScores.ts';
import { ExpectedError } from '../../errors/expected.ts';
import type { ForwardPass } from '../../inference/forwardPass.ts';
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import type { RunEvaluation } from '../../protocol/runs/runSummary.ts';
import { evaluationLoss, evaluationMeasures } from '../../training/evaluation.ts';
import type { PreparedData } from '../preparation/preparation.ts';
import type { StepScore } from './stepQuestions.ts';

/** What the best step is chosen by, with `auto` settled. */
export type BestChoice = Exclude<RunConfiguration['training']['selectBest'], 'auto'>;

export function bestChoice({ training, data }: RunConfiguration): BestChoice {
  if (training.selectBest !== 'auto') return training.selectBest;
  return data.task !== undefined && data.evaluation !== undefined ? 'metric' : 'last';
}

/**
 * The best step cannot be told without evaluations, nor by what is not measured.
 * @throws ExpectedError `training/noSuchScore`, `training/noEvaluationData`
 */
export function refuseUnmeasured(configuration: RunConfiguration, { data }: PreparedData): void {
  const { training } = configuration;
  const choice = bestChoice(configuration);
  const hasTexts = data.labels !== undefined;
  const isAsked = !hasTexts && configuration.questions !== undefined;
  if (choice === 'exactMatch' && hasTexts) throw noSuchScore(choice, 'an encoder is measured by "metric"');
  if (choice === 'metric' && !hasTexts && !isAsked) {
    throw noSuchScore(choice, 'a decoder has none without questions; it is measured by "exactMatch"');
  }
  if (data.evaluation.examples.length > 0) return;
  if (isAsked) {
    throw new ExpectedError(
      'training/noEvaluationData',
      'questions are asked with every evaluation, and there is no evaluation data',
      'Add data.evaluation, such as {"share": 0.05}, or take the questions away.',
      { field: 'data.evaluation' },
    );
  }
  if (choice === 'last') return;
  throw new ExpectedError(
    'training/noEvaluationData',
    `the best step by "${training.selectBest}" needs evaluation data, and there is none`,
    'Add data.evaluation, such as {"share": 0.05}, or set training.selectBest to "last".',
    { field: 'training.selectBest' },
  );
}

function noSuchScore(choice: BestChoice, reason: string): ExpectedError {
  return new ExpectedError(
    'training/noSuchScore',
    `the best step cannot be chosen by "${choice}" with this base: ${reason}`,
    'Let training.selectBest be "auto", "last" or "loss", or choose the other measure.',
    { field: 'training.selectBest' },
  );
}

/**
 * @param microBatchSize examples that go through the model at once
 * @param asked what the questions scored, where there are some
 */
export async function evaluateStep(
  forward: ForwardPass,
  configuration: RunConfiguration,
  { data, tokenizer }: PreparedData,
  microBatchSize: number,
  asked: StepScore | undefined,
): Promise<Omit<RunEvaluation, 'step'>> {
  const { examples } = data.evaluation;
  const padTokenId = tokenizer.padTokenId ?? tokenizer.eosTokenId;
  const choice = bestChoice(configuration);
  if (choice === 'exactMatch') {
    const { loss, exactMatch } = await evaluationMeasures(forward, examples, microBatchSize, padTokenId);
    return asked === undefined ? { loss, scores: { exactMatch } } : withAsked(loss, { exactMatch }, choice, asked);
  }
  const loss = await evaluationLoss(forward, examples, microBatchSize, padTokenId);
  if (data.labels === undefined) {
    return asked === undefined ? { loss } : withAsked(loss, {}, choice === 'metric' ? asked.metric : 'loss', asked);
  }
  const { labels } = data;
  const answers = await answerTexts(forward, examples, labels, padTokenId);
  const metrics = metricsOf(configuration.data.task, labels.problem);
  const scores = Object.fromEntries(
    metrics
      .map((metric) => [metric, textMetric(metric, answers, labels.names)] as const)
      .filter(([, value]) => !Number.isNaN(value)),
  );
  return { loss, scores, chosenBy: choice === 'metric' ? metrics[0] : 'loss' };
}

function withAsked(
  loss: number,
  measured: Readonly<Record<string, number>>,
  chosenBy: string,
  { metric, score, taskScores, answers }: StepScore,
): Omit<RunEvaluation, 'step'> {
  return { loss, scores: { ...measured, [metric]: score, ...taskScores }, chosenBy, answers };
}
