/** Names of the classification tasks whose files, labels and metrics are known. */

/** The General Language Understanding Evaluation (Wang et al. 2018), its diagnostic sets and WNLI left out. */
export const TEXT_TASKS = ['cola', 'sst2', 'mrpc', 'qqp', 'stsb', 'mnli', 'qnli', 'rte'] as const;

export type TextTaskName = (typeof TEXT_TASKS)[number];

/** Metrics of texts' labels and values, by the names under which logs and summaries keep them. */
export type TextMetric = 'accuracy' | 'f1' | 'macroF1' | 'matthews' | 'pearson' | 'spearman';
