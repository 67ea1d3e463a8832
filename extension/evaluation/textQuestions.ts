/** What an evaluation is to ask an encoder: labelled texts of one's own, or the tasks of GLUE. */
import { l10n, QuickPickItemKind, ThemeIcon, window, type QuickPickItem } from 'vscode';
import { TEXT_TASKS } from '../../engine/protocol/answers/textTasks.ts';
import { GLUE_NAMES, glueQuestion } from '../text/glueTasks.ts';
import { chooseDataFile, choosePath, type EvaluationQuestions } from './evaluationQuestions.ts';

interface TextSourceItem extends QuickPickItem {
  /** A task, all that a folder holds (`glue`), or undefined for data of one's own. */
  readonly task: string | undefined;
}

/** Labels are compared, whatever scoring and method say. */
const SCORED = { scoring: 'exact', method: 'likelihood' } as const;
const ALL_TASKS = 'glue';

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
  const { task } = source;
  const data = task === ALL_TASKS ? await chooseFolder(title, beside) : await chooseDataFile(title, beside);
  return data === undefined ? undefined : { ...SCORED, tasks: task === undefined ? [] : [task], data };
}

function chooseFolder(title: string, beside: string): Promise<string | undefined> {
  const options = { canSelectFolders: true, canSelectFiles: false };
  return choosePath(l10n.t('{0}: Folder of the GLUE Data', title), beside, options);
}

function sourceItems(): readonly TextSourceItem[] {
  return [
    {
      task: undefined,
      label: l10n.t('A Data File'),
      description: l10n.t('of your own: texts with their labels'),
      iconPath: new ThemeIcon('file'),
    },
    { task: undefined, label: l10n.t('published, by their development sets'), kind: QuickPickItemKind.Separator },
    {
      task: ALL_TASKS,
      label: l10n.t('GLUE'),
      description: l10n.t('every task whose development set is found in a folder'),
      iconPath: new ThemeIcon('library'),
    },
    ...TEXT_TASKS.map((task) => ({
      task,
      label: GLUE_NAMES[task],
      description: glueQuestion(task),
      iconPath: new ThemeIcon('library'),
    })),
  ];
}
