/** What the runs of a comparison are scored by: evaluation examples, or questions that each is asked when it is finished. */
import { l10n, ThemeIcon, window, type QuickPickItem } from 'vscode';
import type { RunConfiguration } from '../../engine/protocol/configuration/configuration.ts';
import { chooseQuestions, type EvaluationQuestions } from '../evaluation/evaluationQuestions.ts';

interface ScoringItem extends QuickPickItem {
  readonly asksQuestions: boolean;
}

/**
 * The configuration with questions, where there are to be some. One that has questions, or a task with metrics of its own,
 * says by itself what its runs are scored by. Undefined where the user changes their mind.
 *
 * @param beside a file near to which data is looked for first
 */
export async function withScoring(
  title: string,
  beside: string,
  configuration: RunConfiguration,
): Promise<RunConfiguration | undefined> {
  if (configuration.questions !== undefined || configuration.data.task !== undefined) return configuration;
  const placeHolder = l10n.t('What the finished runs are scored by');
  const chosen = await window.showQuickPick(scoringItems(), { title, placeHolder });
  if (chosen === undefined) return undefined;
  if (!chosen.asksQuestions) return configuration;
  const questions = await chooseQuestions(title, beside);
  return questions && { ...configuration, questions: asConfigured(questions) };
}

function asConfigured({ tasks, data, scoring, method, limit }: EvaluationQuestions): RunConfiguration['questions'] {
  return { data, scoring, method, limit, tasks: tasks.length === 0 ? undefined : [...tasks] };
}

function scoringItems(): ScoringItem[] {
  return [
    {
      asksQuestions: false,
      label: l10n.t('Evaluation Examples'),
      description: l10n.t('how many of them are answered exactly, or labelled right'),
      iconPath: new ThemeIcon('checklist'),
    },
    {
      asksQuestions: true,
      label: l10n.t('Questions with Known Answers'),
      description: l10n.t('published tasks, or a data file of your own; the base is asked as well'),
      iconPath: new ThemeIcon('comment-discussion'),
    },
  ];
}
