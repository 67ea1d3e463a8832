/** The numbers of a comparison for other programs, as CSV. */
import type { Comparison, ModelMeasures } from '../protocol/comparison.ts';

type Cell = number | string;

const COLUMNS = [
  'method',
  'k',
  'rank',
  'seed',
  'trainable_parameters',
  'trainable_share',
  'learning_rate',
  'score',
  'exact_match',
  'evaluation_loss',
  'peak_memory_bytes',
  'step_ms',
  'adapter_bytes',
  'run',
] as const;

/** The base, then a line for each run, as RFC 4180 has it; behind the columns that are always there one for each task. */
export function comparisonCsv({ variants, questions, baseMeasures }: Comparison): string {
  const tasks = questions.length > 1 ? questions.map(({ name }) => name) : [];
  const scores = ({ score, exactMatch, evaluationLoss }: ModelMeasures): readonly Cell[] => [
    ...[score, exactMatch ?? '', evaluationLoss],
  ];
  const ofTasks = ({ taskScores }: ModelMeasures): readonly Cell[] => tasks.map((task) => taskScores?.[task] ?? '');
  const base =
    baseMeasures === undefined
      ? []
      : [['base', '', '', '', 0, 0, '', ...scores(baseMeasures), '', '', '', '', ...ofTasks(baseMeasures)]];
  const lines = variants.flatMap(({ method, k, rank, trainableParameters, trainableShare, learningRate, runs }) =>
    runs.map((run) => [
      ...[method, k ?? '', rank ?? '', run.seed, trainableParameters, trainableShare, learningRate],
      ...[...scores(run), run.peakMemoryBytes, run.stepMs, run.adapterBytes, field(run.run), ...ofTasks(run)],
    ]),
  );
  const head = [...COLUMNS, ...tasks.map((task) => field(`score ${task}`))];
  return `${[head, ...base, ...lines].map((cells) => cells.join(',')).join('\r\n')}\r\n`;
}

/** In quotation marks where it needs them. */
function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
