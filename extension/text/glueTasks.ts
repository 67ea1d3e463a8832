/** The tasks of GLUE for people: their published names, and what each asks. */
import { l10n } from 'vscode';
import type { TextTaskName } from '../../engine/protocol/answers/textTasks.ts';

/** As the published folders are called. */
export const GLUE_NAMES: Readonly<Record<TextTaskName, string>> = {
  cola: 'CoLA',
  sst2: 'SST-2',
  mrpc: 'MRPC',
  qqp: 'QQP',
  stsb: 'STS-B',
  mnli: 'MNLI',
  qnli: 'QNLI',
  rte: 'RTE',
};

export function glueQuestion(task: TextTaskName): string {
  switch (task) {
    case 'cola':
      return l10n.t('Is a sentence acceptable?');
    case 'sst2':
      return l10n.t('Is a review positive?');
    case 'mrpc':
      return l10n.t('Do two sentences say the same?');
    case 'qqp':
      return l10n.t('Do two questions ask the same?');
    case 'stsb':
      return l10n.t('How alike are two sentences, from 0 to 5?');
    case 'mnli':
      return l10n.t('Does a sentence follow from another, or contradict it?');
    case 'qnli':
      return l10n.t('Does a sentence answer a question?');
    case 'rte':
      return l10n.t('Does a sentence follow from another?');
  }
}
