/** The eight tasks of GLUE: where their files hold texts and labels, and what is measured. */
import type { TextMetric, TextTaskName } from '../../protocol/answers/textTasks.ts';

/** What is predicted of a text: one of some classes, or a number. */
export type TextProblem = 'classification' | 'regression';

export interface TextTask {
  readonly name: TextTaskName;
  /** Its folder in the published data. */
  readonly folder: string;
  /** What it asks, in a few words. */
  readonly title: string;
  /** For the text, and for the second of a pair: names of the field, in published TSV files and in other formats. */
  readonly fields: readonly [first: readonly string[], second?: readonly string[]];
  readonly label: readonly string[];
  /** Names of the classes by number; empty for regression. */
  readonly labels: readonly string[];
  /** What is measured, the main one first. */
  readonly metrics: readonly [TextMetric, ...TextMetric[]];
  /** The columns of a published file without a header. */
  readonly headerless?: readonly string[];
}

/**
 * Labels are numbered as in the published files and in the data sets of Hugging Face. The class whose F1 is measured is
 * number 1.
 */
export const TEXT_TASK_TABLE: Readonly<Record<TextTaskName, TextTask>> = {
  cola: {
    name: 'cola',
    folder: 'CoLA',
    title: 'Is a sentence acceptable?',
    fields: [['sentence']],
    label: ['label'],
    labels: ['unacceptable', 'acceptable'],
    metrics: ['matthews', 'accuracy'],
    headerless: ['source', 'label', 'annotation', 'sentence'],
  },
  sst2: {
    name: 'sst2',
    folder: 'SST-2',
    title: 'Is a review positive?',
    fields: [['sentence']],
    label: ['label'],
    labels: ['negative', 'positive'],
    metrics: ['accuracy'],
  },
  mrpc: {
    name: 'mrpc',
    folder: 'MRPC',
    title: 'Do two sentences say the same?',
    fields: [
      ['sentence1', '#1 String'],
      ['sentence2', '#2 String'],
    ],
    label: ['label', 'Quality'],
    labels: ['not_equivalent', 'equivalent'],
    metrics: ['accuracy', 'f1'],
  },
  qqp: {
    name: 'qqp',
    folder: 'QQP',
    title: 'Do two questions ask the same?',
    fields: [['question1'], ['question2']],
    label: ['label', 'is_duplicate'],
    labels: ['not_duplicate', 'duplicate'],
    metrics: ['accuracy', 'f1'],
  },
  stsb: {
    name: 'stsb',
    folder: 'STS-B',
    title: 'How alike are two sentences, from 0 to 5?',
    fields: [['sentence1'], ['sentence2']],
    label: ['label', 'score'],
    labels: [],
    metrics: ['pearson', 'spearman'],
  },
  mnli: {
    name: 'mnli',
    folder: 'MNLI',
    title: 'Does a sentence follow from another, or contradict it?',
    fields: [
      ['premise', 'sentence1'],
      ['hypothesis', 'sentence2'],
    ],
    label: ['label', 'gold_label'],
    labels: ['entailment', 'neutral', 'contradiction'],
    metrics: ['accuracy'],
  },
  qnli: {
    name: 'qnli',
    folder: 'QNLI',
    title: 'Does a sentence answer a question?',
    fields: [['question'], ['sentence']],
    label: ['label'],
    labels: ['entailment', 'not_entailment'],
    metrics: ['accuracy'],
  },
  rte: {
    name: 'rte',
    folder: 'RTE',
    title: 'Does a sentence follow from another?',
    fields: [
      ['sentence1', 'premise'],
      ['sentence2', 'hypothesis'],
    ],
    label: ['label'],
    labels: ['entailment', 'not_entailment'],
    metrics: ['accuracy'],
  },
};

/** What is measured of texts that belong to no known task. */
export function metricsOf(
  task: TextTaskName | undefined,
  problem: TextProblem,
): readonly [TextMetric, ...TextMetric[]] {
  if (task !== undefined) return TEXT_TASK_TABLE[task].metrics;
  return problem === 'regression' ? ['pearson', 'spearman'] : ['accuracy', 'macroF1'];
}
