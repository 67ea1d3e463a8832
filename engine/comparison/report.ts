/** The numbers of a comparison for people (Markdown) and for other programs (CSV). */
import type { ComparedVariant, Comparison } from '../protocol/comparison.ts';
import { spreadOf } from './spread.ts';

/** A chart's file and what it shows. */
export interface ChartFile {
  readonly file: string;
  readonly title: string;
}

export function comparisonReport(comparison: Comparison, charts: readonly ChartFile[]): string {
  const { name, base, metric, baseScore, evaluationExamples, variants } = comparison;
  const seeds = [...new Set(variants.flatMap(({ runs }) => runs.map(({ seed }) => seed)))];
  return [
    `# ${name}`,
    '',
    `Base: ${base}. Every run had the same data in the same order for a seed, the same optimizer and the same target modules.`,
    `Score: ${metric}${metric === 'loss' ? ' (less is better)' : ''} on ${String(evaluationExamples)} evaluation examples, of the step that became the adapter; mean ± standard deviation over ${seeds.length === 1 ? `the seed ${String(seeds[0])}` : `the seeds ${seeds.join(', ')}`}.`,
    ...(baseScore === undefined ? [] : [`The base itself: ${scoreText(baseScore)}.`]),
    '',
    '| method | trainable parameters | share | score | evaluation loss | peak memory | step time | adapter | learning rate |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...variants.map(tableRow),
    '',
    'Peak memory is that of the whole process, weights included; step time is the median over steps, then the mean over seeds.',
    '',
    ...charts.flatMap(({ file, title }) => [`## ${title}`, '', `![${title}](${file})`, '']),
  ].join('\n');
}

function tableRow({ label, trainableParameters, trainableShare, learningRate, runs }: ComparedVariant): string {
  const score = spreadOf(runs.map((run) => run.score));
  const loss = spreadOf(runs.map((run) => run.evaluationLoss));
  const mean = (of: (run: (typeof runs)[number]) => number): number => spreadOf(runs.map(of)).mean;
  const cells = [
    label,
    trainableParameters.toLocaleString('en'),
    `${(trainableShare * 100).toPrecision(3)} %`,
    spreadText(score.mean, score.deviation, score.count),
    spreadText(loss.mean, loss.deviation, loss.count),
    `${(mean((run) => run.peakMemoryBytes) / 1e6).toFixed(0)} MB`,
    `${mean((run) => run.stepMs).toFixed(0)} ms`,
    `${(mean((run) => run.adapterBytes) / 1e3).toFixed(0)} kB`,
    String(learningRate),
  ];
  return `| ${cells.join(' | ')} |`;
}

function spreadText(mean: number, deviation: number, count: number): string {
  return count > 1 ? `${scoreText(mean)} ± ${scoreText(deviation)}` : scoreText(mean);
}

function scoreText(value: number): string {
  return value.toFixed(3);
}

const COLUMNS = [
  'method',
  'k',
  'rank',
  'seed',
  'trainable_parameters',
  'trainable_share',
  'learning_rate',
  'score',
  'evaluation_loss',
  'peak_memory_bytes',
  'step_ms',
  'adapter_bytes',
  'run',
] as const;

/** A line for each run, as RFC 4180 has it. */
export function comparisonCsv({ variants }: Comparison): string {
  const lines = variants.flatMap(({ method, k, rank, trainableParameters, trainableShare, learningRate, runs }) =>
    runs.map((run) =>
      [
        ...[method, k ?? '', rank ?? '', run.seed, trainableParameters, trainableShare, learningRate],
        ...[run.score, run.evaluationLoss, run.peakMemoryBytes, run.stepMs, run.adapterBytes, field(run.run)],
      ].join(','),
    ),
  );
  return `${[COLUMNS.join(','), ...lines].join('\r\n')}\r\n`;
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
