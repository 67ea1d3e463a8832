/** An evaluation as a document to read: scores with their intervals, then every example, base and tuned side by side. */
import { l10n } from 'vscode';
import type { AnswerRecord, EvaluationSummary, Score, SideScores } from '../../engine/protocol/answers/evaluation.ts';
import { MODEL_SIDES, type ModelSide } from '../../engine/protocol/answers/generation.ts';
import { scoreText } from '../text/figures.ts';

/** A document with more examples would be slow to open; the file has them all. */
const MOST_EXAMPLES = 1000;

interface Example {
  readonly index: number;
  readonly question: string;
  readonly expected: string;
  readonly answers: Partial<Record<ModelSide, AnswerRecord>>;
}

/** @param answersFile where the rest is, if the document does not hold all */
export function evaluationDocument(
  summary: EvaluationSummary,
  answers: readonly AnswerRecord[],
  answersFile: string,
): string {
  const sides = MODEL_SIDES.filter((side) => summary.sides[side] !== undefined);
  const examples = examplesOf(answers);
  const shown = examples.slice(0, MOST_EXAMPLES);
  const rest = examples.length - shown.length;
  return [
    `# ${escaped(summary.name)}`,
    scopeLine(summary),
    ...scoreTable(summary),
    ...changeLines(summary),
    `## ${l10n.t('Examples')}`,
    table(
      ['#', l10n.t('Question'), l10n.t('Expected'), ...sides.map(sideName)],
      shown.map((example) => exampleRow(example, sides, summary.scoring)),
    ),
    ...(rest > 0 ? [l10n.t('{0} more examples are in {1}.', rest, escaped(answersFile))] : []),
    '',
  ].join('\n\n');
}

function scopeLine({ examples, task, scoring }: EvaluationSummary): string {
  if (scoring === 'task')
    return l10n.t('{0} questions of {1}, judged as in its official evaluation.', examples, escaped(task));
  return l10n.t('{0} examples of {1}, scored by {2}.', examples, escaped(task), scoring);
}

function scoreTable({ sides }: EvaluationSummary): string[] {
  const rows = MODEL_SIDES.flatMap((side) => sideRows(side, sides[side]));
  return [table([l10n.t('Model'), l10n.t('Metric'), l10n.t('Score'), l10n.t('95 % interval')], rows)];
}

function sideRows(side: ModelSide, scores: SideScores | undefined): string[][] {
  return Object.entries(scores?.scores ?? {}).map(([metric, score]) => [
    sideName(side),
    metric,
    scoreText(metric, score.value),
    intervalText(metric, score),
  ]);
}

function changeLines({ gained, lost }: EvaluationSummary): string[] {
  if (gained === undefined || lost === undefined) return [];
  return [l10n.t('{0} wrong answers became right, {1} right ones wrong.', gained, lost)];
}

function examplesOf(answers: readonly AnswerRecord[]): Example[] {
  const examples = new Map<number, Example>();
  for (const answer of answers) {
    const { index, question, expected, side } = answer;
    const known = examples.get(index) ?? { index, question, expected, answers: {} };
    examples.set(index, { ...known, answers: { ...known.answers, [side]: answer } });
  }
  return [...examples.values()].toSorted((a, b) => a.index - b.index);
}

function exampleRow(example: Example, sides: readonly ModelSide[], scoring: string): string[] {
  const { index, question, expected, answers } = example;
  const answersOf = sides.map((side) => answerCell(answers[side], scoring));
  return [String(index + 1), escaped(question), escaped(expected.trim()), ...answersOf];
}

function answerCell(answer: AnswerRecord | undefined, scoring: string): string {
  if (answer === undefined) return '';
  const { got, isRight, text, logProbability = NaN, tokenCount = 0 } = answer;
  if (scoring === 'perplexity') return Math.exp(-logProbability / tokenCount).toFixed(3);
  return `${isRight ? '✓' : '✗'} ${escaped(got ?? (text === '' ? l10n.t('(no answer)') : text.trim()))}`;
}

function intervalText(metric: string, { interval: { low, high, method } }: Score): string {
  const name = method === 'wilson' ? 'Wilson' : method;
  return `${scoreText(metric, low)} – ${scoreText(metric, high)} (${name})`;
}

function sideName(side: ModelSide): string {
  return side === 'base' ? l10n.t('Base') : l10n.t('Tuned');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => ':--')), ...rows.map(line)].join('\n');
}

/** Text of models and data, which must stay text in a table of Markdown. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_{}[\]()#+!|>~$]/g, String.raw`\$&`)
    .replaceAll(/\r?\n/g, '<br>');
}
