/** What an evaluation is to ask: a data file of one's own and how its answers are scored, or published tasks. */
import { dirname } from 'node:path';
import { l10n, QuickPickItemKind, ThemeIcon, Uri, window, type QuickPickItem } from 'vscode';
import {
  TASK_FAMILIES,
  type EvaluateParams,
  type Scoring,
  type TaskFamily,
} from '../../engine/protocol/answers/evaluation.ts';

export type EvaluationQuestions = Pick<EvaluateParams, 'tasks' | 'data' | 'scoring' | 'method' | 'limit'>;

interface SourceItem extends QuickPickItem {
  /** Undefined for a data file of one's own. */
  readonly family: TaskFamily | undefined;
}

interface ScoringItem extends QuickPickItem {
  readonly scoring: Scoring;
  readonly method: EvaluateParams['method'];
}

interface LimitItem extends QuickPickItem {
  /** Undefined for all. */
  readonly limit: number | undefined;
}

/**
 * Undefined where the user changes their mind.
 * @param beside a file near to which data is looked for first
 */
export async function chooseQuestions(title: string, beside: string): Promise<EvaluationQuestions | undefined> {
  const source = await window.showQuickPick(sourceItems(), {
    title,
    placeHolder: l10n.t('What the model is asked'),
    matchOnDescription: true,
  });
  if (source === undefined) return undefined;
  return source.family === undefined ? ownQuestions(title, beside) : taskQuestions(title, source.family, beside);
}

async function ownQuestions(title: string, beside: string): Promise<EvaluationQuestions | undefined> {
  const data = await chooseDataFile(title, beside);
  if (data === undefined) return undefined;
  const scoring = await window.showQuickPick(scoringItems(), { title, matchOnDescription: true });
  return scoring && { tasks: [], data, scoring: scoring.scoring, method: scoring.method };
}

async function taskQuestions(
  title: string,
  family: TaskFamily,
  beside: string,
): Promise<EvaluationQuestions | undefined> {
  const data = await choosePath(l10n.t('{0}: Folder of the Test Files', title), beside, {
    canSelectFolders: true,
    canSelectFiles: false,
  });
  if (data === undefined) return undefined;
  const placeHolder = l10n.t('How many questions of each task');
  const chosen = await window.showQuickPick(limitItems(), { title, placeHolder });
  if (chosen === undefined) return undefined;
  const { limit } = chosen;
  return { tasks: [family], data, scoring: 'exact', method: 'generate', ...(limit === undefined ? {} : { limit }) };
}

/** A data file; undefined where the user changes their mind. */
export function chooseDataFile(title: string, beside: string): Promise<string | undefined> {
  const filters = { [l10n.t('Data')]: ['jsonl', 'json', 'csv', 'tsv', 'parquet'] };
  return choosePath(title, beside, { filters });
}

export async function choosePath(
  title: string,
  beside: string,
  options: Parameters<typeof window.showOpenDialog>[0],
): Promise<string | undefined> {
  const openLabel = l10n.t('Evaluate');
  const paths = await window.showOpenDialog({ title, openLabel, defaultUri: Uri.file(dirname(beside)), ...options });
  return paths?.[0]?.fsPath;
}

function sourceItems(): SourceItem[] {
  const descriptions: Readonly<Record<TaskFamily, string>> = {
    commonsense: 'boolq, piqa, social_i_qa, hellaswag, winogrande, ARC, openbookqa',
    arithmetic: 'MultiArith, gsm8k, AddSub, AQuA, SingleEq, SVAMP, mawps',
  };
  const labels: Readonly<Record<TaskFamily, string>> = {
    commonsense: l10n.t('Commonsense Tasks'),
    arithmetic: l10n.t('Arithmetic Tasks'),
  };
  return [
    {
      family: undefined,
      label: l10n.t('A Data File'),
      description: l10n.t('of your own: prompts with the answers that are expected'),
      iconPath: new ThemeIcon('file'),
    },
    { family: undefined, label: l10n.t('published, their test files in a folder'), kind: QuickPickItemKind.Separator },
    ...TASK_FAMILIES.map((family) => ({
      family,
      label: labels[family],
      description: descriptions[family],
      iconPath: new ThemeIcon('library'),
    })),
  ];
}

function limitItems(): LimitItem[] {
  return [
    { limit: 100, label: l10n.t('The first {0}', 100), description: l10n.t('a first impression') },
    { limit: 500, label: l10n.t('The first {0}', 500) },
    { limit: undefined, label: l10n.t('All'), description: l10n.t('what papers report') },
  ];
}

function scoringItems(): ScoringItem[] {
  const item = (
    scoring: Scoring,
    label: string,
    description: string,
    method: EvaluateParams['method'] = 'generate',
  ): ScoringItem => ({ scoring, method, label, description });
  return [
    item('exact', l10n.t('Exact'), l10n.t('the answer is the expected text')),
    item('contains', l10n.t('Contains'), l10n.t('the expected text occurs in the answer')),
    item('number', l10n.t('Number'), l10n.t('the last number of the answer is the expected one')),
    item('choice', l10n.t('Choice'), l10n.t('the answer names one of the answers that occur in the data')),
    item(
      'choice',
      l10n.t('Choice by Likelihood'),
      l10n.t('the most probable of the answers in the data'),
      'likelihood',
    ),
    item('regex', l10n.t('Regular Expression'), l10n.t('the expected text is a pattern that the answer matches')),
    item('perplexity', l10n.t('Perplexity'), l10n.t('how probable the expected text is; nothing is generated')),
  ];
}
