/** The numbers of a comparison for people, as Markdown. */
import { wilsonInterval } from '../evaluation/metrics/confidence.ts';
import type { ComparedVariant, Comparison, ModelMeasures } from '../protocol/comparison.ts';
import { isLessBetter } from '../protocol/answers/evaluation.ts';
import { metricTitle } from '../protocol/metricTitle.ts';
import { spreadOf } from './spread.ts';

/** A chart's file and what it shows. */
export interface ChartFile {
  readonly file: string;
  readonly title: string;
}

export function comparisonReport(comparison: Comparison, charts: readonly ChartFile[]): string {
  const { name, base, variants, baseMeasures } = comparison;
  const columns = scoreColumns(comparison);
  const head = ['method', 'trainable parameters', 'share', ...columns.map(({ title }) => title), ...COST_TITLES];
  return [
    `# ${name}`,
    '',
    `Base: ${base}. Every run had the same data in the same order for a seed, the same optimizer and the same target modules.`,
    ...scoreLines(comparison, columns),
    '',
    row(head),
    row(['---', ...head.slice(1).map(() => '---:')]),
    ...(baseMeasures === undefined ? [] : [baseRow(baseMeasures, columns)]),
    ...variants.map((variant) => variantRow(variant, columns)),
    '',
    'Peak memory is that of the whole process that trained, weights included; step time is the median over steps, then the mean over seeds.',
    '',
    ...charts.flatMap(({ file, title }) => [`## ${title}`, '', `![${title}](${file})`, '']),
  ].join('\n');
}

/** A measure that the base has as well. */
interface ScoreColumn {
  readonly title: string;
  readonly valueOf: (measures: ModelMeasures) => number | undefined;
}

const EXACT_MATCH = metricTitle('exactMatch');
const COST_TITLES = ['peak memory', 'step time', 'adapter', 'learning rate'] as const;

function scoreColumns({ metric, questions, variants }: Comparison): readonly ScoreColumn[] {
  const tasks = questions.length > 1 ? questions.map((task) => task.name) : [];
  const hasExact = metric !== 'exactMatch' && variants.some(({ runs }) => runs.some((run) => 'exactMatch' in run));
  return [
    { title: `score (${metricTitle(metric)})`, valueOf: ({ score }) => score },
    ...tasks.map((task): ScoreColumn => ({ title: task, valueOf: ({ taskScores }) => taskScores?.[task] })),
    ...(hasExact ? [{ title: EXACT_MATCH, valueOf: ({ exactMatch }: ModelMeasures) => exactMatch }] : []),
    { title: 'evaluation loss', valueOf: ({ evaluationLoss }) => evaluationLoss },
  ];
}

/** What was measured on how much, and how far chance alone may move it. */
function scoreLines(
  { metric, questions, isChosenByQuestions, evaluationExamples, variants }: Comparison,
  columns: readonly ScoreColumn[],
): readonly string[] {
  const seeds = [...new Set(variants.flatMap(({ runs }) => runs.map(({ seed }) => seed)))];
  const over = `mean ± standard deviation over ${seeds.length === 1 ? `the seed ${String(seeds[0])}` : `the seeds ${seeds.join(', ')}`}`;
  const examples = `${String(evaluationExamples)} evaluation examples`;
  const hasExact = columns.some(({ title }) => title === EXACT_MATCH);
  const direction = isLessBetter(metric) ? ' (less is better)' : '';
  if (questions.length === 0) {
    return [`Score: ${metricTitle(metric)}${direction} on ${examples}, of the step that became the adapter; ${over}.`];
  }
  const asked = questions.map(({ name, examples: count }) => `${String(count)} of ${name}`).join(', ');
  return [
    `Score: ${metricTitle(metric)}${direction} on questions that every finished run was asked (${asked})${questions.length > 1 ? ', the mean over tasks' : ''}; ${over}.`,
    `${hasExact ? 'Loss and exact match' : 'Loss'}: on ${examples}, of the step that became the adapter.`,
    ...(isChosenByQuestions
      ? ['The same questions chose the step that became the adapter, so the scores flatter every method.']
      : []),
    ...(metric === 'accuracy' ? [chanceLine(questions.reduce((sum, { examples: count }) => sum + count, 0))] : []),
  ];
}

/** Wilson's interval around one half, where it is widest. */
function chanceLine(count: number): string {
  const { low, high } = wilsonInterval(count / 2, count);
  const half = ((high - low) / 2).toFixed(3);
  return `Among ${String(count)} questions chance moves the accuracy of a single run by up to ± ${half} (Wilson's 95 % interval).`;
}

function baseRow(measures: ModelMeasures, columns: readonly ScoreColumn[]): string {
  const scores = columns.map(({ valueOf }) => scoreText(valueOf(measures)));
  return row(['base', '0', '0 %', ...scores, ...COST_TITLES.map(() => '')]);
}

function variantRow(
  { label, trainableParameters, trainableShare, learningRate, runs }: ComparedVariant,
  columns: readonly ScoreColumn[],
): string {
  const mean = (of: (run: (typeof runs)[number]) => number): number => spreadOf(runs.map(of)).mean;
  const cells = [
    label,
    trainableParameters.toLocaleString('en'),
    `${(trainableShare * 100).toPrecision(3)} %`,
    ...columns.map(({ valueOf }) => spreadText(runs.map(valueOf))),
    `${(mean((run) => run.peakMemoryBytes) / 1e6).toFixed(0)} MB`,
    `${mean((run) => run.stepMs).toFixed(0)} ms`,
    `${(mean((run) => run.adapterBytes) / 1e3).toFixed(0)} kB`,
    String(learningRate),
  ];
  return row(cells.map(unbroken));
}

/** Keeps figures and their units on one line, where a table is narrow. */
function unbroken(text: string): string {
  return text.replaceAll(/ (?=[=±%]|[kM]B|ms)|(?<=[=±]) /g, '\u00a0');
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Empty where a run lacks the value. */
function spreadText(values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined);
  if (known.length < values.length) return '';
  const { mean, deviation, count } = spreadOf(known);
  return count > 1 ? `${scoreText(mean)} ± ${scoreText(deviation)}` : scoreText(mean);
}

function scoreText(value: number | undefined): string {
  return value?.toFixed(3) ?? '';
}
