/** The runs of a comparison: each method with each budget, as a configuration of its own. */
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { ExpectedError } from '../../errors/expected.ts';
import type { CompareParams } from '../../protocol/comparison.ts';
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import type { Method } from '../../protocol/configuration/methods.ts';
import { planMethod, type MethodPlan } from '../preparation/methodPlan.ts';

export interface Variant {
  readonly label: string;
  readonly method: Method;
  readonly k: number | null;
  readonly rank: number | null;
  readonly configuration: RunConfiguration;
  readonly plan: MethodPlan;
}

/** Methods whose budget is a number of connections per neuron. */
const SELECTING: readonly Method[] = ['neuroada', 'masked', 'superTuning', 'shira'];

/**
 * In the order of the methods, then of the budgets; variants that would be alike stand once.
 * @throws ExpectedError `method/…`, `selection/…`, `comparison/noEvaluation`
 */
export function comparedVariants(
  checkpoint: Pick<Checkpoint, 'config' | 'parameterCount'>,
  params: CompareParams,
): readonly Variant[] {
  if (params.configuration.data.evaluation === undefined) throw noEvaluation();
  const variants = params.methods.flatMap((method) =>
    budgetsOf(checkpoint, method, params).map((changes) => variantOf(checkpoint, method, changes, params)),
  );
  return [...new Map(variants.map((variant) => [variant.label, variant])).values()];
}

type Budget = Pick<RunConfiguration, 'selection' | 'lora'>;

function budgetsOf(
  checkpoint: Pick<Checkpoint, 'config' | 'parameterCount'>,
  method: Method,
  { configuration, ks, methodKs }: CompareParams,
): readonly Budget[] {
  const { selection, lora } = configuration;
  // Strategies and shares of neurons belong to the methods that select of each neuron.
  const { strategy, neuronShare, ...others } = selection;
  const isPerNeuron = method === 'neuroada' || method === 'masked';
  const own = isPerNeuron
    ? selection
    : { ...others, strategy: 'magnitude' as const, neuronShare: SELECTING.includes(method) ? neuronShare : 1 };
  const counts = methodKs?.[method] ?? ks;
  if (counts.length === 0) return [{ selection: own, lora }];
  const withK = counts.map((k): Budget => ({ selection: { ...own, trainableShare: undefined, k }, lora }));
  if (SELECTING.includes(method)) return withK;
  if (method !== 'lora') return [{ selection: own, lora }];
  return withK.map(({ selection: budget }) => {
    const wanted = planMethod(checkpoint, { method: 'neuroada', selection: { ...budget, strategy }, lora });
    const ofRankOne = planMethod(checkpoint, { method, selection: own, lora: { ...lora, r: 1 } }).trainableParameters;
    const r = Math.max(1, Math.round(wanted.trainableParameters / ofRankOne));
    return { selection: own, lora: { ...lora, r, alpha: (lora.alpha / lora.r) * r } };
  });
}

function variantOf(
  checkpoint: Pick<Checkpoint, 'config' | 'parameterCount'>,
  method: Method,
  budget: Budget,
  { configuration, learningRates }: CompareParams,
): Variant {
  const { training } = configuration;
  const configured = SELECTING.includes(method) ? training.learningRate : 'auto';
  const own: RunConfiguration = {
    ...configuration,
    output: undefined,
    name: undefined,
    questions: questionsInTraining(configuration, checkpoint),
    ...budget,
    method,
    training: {
      ...training,
      learningRate: learningRates[method] ?? configured,
      selectBest: measuredBy(training.selectBest, checkpoint),
    },
  };
  const plan = planMethod(checkpoint, own);
  const k = SELECTING.includes(method) ? plan.k : null;
  const rank = method === 'lora' ? own.lora.r : null;
  const budgetText = k === null ? (rank === null ? '' : `, r = ${String(rank)}`) : `, k = ${String(k)}`;
  return { label: method + budgetText, method, k, rank, configuration: own, plan };
}

/** They are asked once, when the run is finished; during training only where they choose the best step. */
function questionsInTraining(
  { questions, training }: RunConfiguration,
  { config }: Pick<Checkpoint, 'config'>,
): RunConfiguration['questions'] {
  return config.family === 'decoder' && training.selectBest === 'metric' ? questions : undefined;
}

/** Every evaluation is scored, and the best step is the adapter. */
function measuredBy(
  selectBest: RunConfiguration['training']['selectBest'],
  { config }: Pick<Checkpoint, 'config'>,
): RunConfiguration['training']['selectBest'] {
  if (selectBest !== 'last' && selectBest !== 'auto') return selectBest;
  return config.family === 'decoder' ? 'exactMatch' : 'metric';
}

function noEvaluation(): ExpectedError {
  return new ExpectedError(
    'comparison/noEvaluation',
    'methods are compared by evaluation data, and there is none',
    'Add data.evaluation, such as {"share": 0.05}.',
    { field: 'data.evaluation' },
  );
}
