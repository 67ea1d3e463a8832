/** What an evaluation is to ask an encoder: labelled texts of one's own, or the tasks of GLUE. */
import { l10n, ThemeIcon, window, type QuickPickItem } from 'vscode';
import { TEXT_TASKS } from '../../engine/protocol/textTasks.ts';
import { chooseDataFile, choosePath, type EvaluationQuestions } from './evaluationQuestions.ts';

interface TextSourceItem extends QuickPickItem {
  readonly isGlue: boolean;
}

/** Labels are compared, whatever scoring and method say. */
const SCORED = { scoring: 'exact', method: 'likelihood' } as const;

/**
 * Undefined where the user changes their mind.
 * @param beside a file near to which data is looked for first
 */
export async function chooseTextQuestions(title: string, beside: string): Promise<EvaluationQuestions | undefined> {
  const source = await window.showQuickPick(sourceItems(), {
    title,
    placeHolder: l10n.t('What the model labels'),
    matchOnDescription: true,
  });
  if (source === undefined) return undefined;
  if (!source.isGlue) {
    const data = await chooseDataFile(title, beside);
    return data === undefined ? undefined : { ...SCORED, tasks: [], data };
  }
  const data = await choosePath(l10n.t('{0}: Folder of the GLUE Data', title), beside, {
    canSelectFolders: true,
    canSelectFiles: false,
  });
  return data === undefined ? undefined : { ...SCORED, tasks: ['glue'], data };
}

function sourceItems(): readonly TextSourceItem[] {
  return [
    {
      isGlue: false,
      label: l10n.t('A Data File'),
      description: l10n.t('of your own: texts with their labels'),
      iconPath: new ThemeIcon('file'),
    },
    {
      isGlue: true,
      label: l10n.t('GLUE'),
      description: TEXT_TASKS.join(', '),
      detail: l10n.t('published; the development sets that are found in a folder'),
      iconPath: new ThemeIcon('library'),
    },
  ];
}
