/** What an encoder may learn of a data file: the labels that are there, or one of the tasks of GLUE. */
import { l10n, ThemeIcon } from 'vscode';
import type { PreviewResult } from '../../../engine/protocol/rpc.ts';
import { TEXT_TASKS, type TextTaskName } from '../../../engine/protocol/answers/textTasks.ts';
import { GLUE_NAMES, glueQuestion } from '../../text/glueTasks.ts';
import type { LaunchDraft } from '../launchDraft.ts';
import type { EngineAnswers } from './launchStep.ts';
import { exampleLine } from './presetPreview.ts';
import type { PresetItem } from './presetItem.ts';

const SHOWN_LABELS = 8;

/**
 * The tasks whose fields and labels the file has; the one whose name stands in its path first.
 * @param plain what the file is without a task; undefined where it cannot be read so
 */
export async function textPresets(
  engine: Pick<EngineAnswers, 'preview'>,
  draft: LaunchDraft,
  plain: PreviewResult | undefined,
): Promise<PresetItem[]> {
  const previews = await Promise.allSettled(
    TEXT_TASKS.map((task) => engine.preview(draft, { template: 'auto', task })),
  );
  const tasks = TEXT_TASKS.flatMap((task, index) => {
    const preview = previews[index];
    const labels = preview?.status === 'fulfilled' ? preview.value.labels : undefined;
    return preview?.status !== 'fulfilled' || labels === undefined ? [] : [taskItem(task, preview.value, labels)];
  });
  const named = tasks.filter(({ task }) => task !== undefined && isNamed(task, draft.data));
  const others = tasks.filter((item) => !named.includes(item));
  const own = plain?.labels === undefined ? [] : [labelItem(plain, plain.labels)];
  return [...named, ...own, ...others];
}

/** Whether the path names the task, as in `glue_data/CoLA/train.tsv` and `glue/sst2-train.parquet`. */
function isNamed(task: TextTaskName, file: string): boolean {
  const words = file
    .toLowerCase()
    .split(/[\\/]/)
    .slice(-2)
    .flatMap((part) => [part, ...part.split(/[._ -]/)]);
  return [task, GLUE_NAMES[task].toLowerCase()].some((name) => words.includes(name));
}

function taskItem(task: TextTaskName, preview: PreviewResult, labels: readonly string[]): PresetItem {
  const predicted = labels.length === 0 ? l10n.t('a number') : labels.join(', ');
  return {
    ...{ template: 'auto', task, label: `${GLUE_NAMES[task]} (GLUE)` },
    description: `${glueQuestion(task)} ${predicted}`,
    detail: `${preview.format}: ${preview.template} · ${exampleLine(preview)}`,
    iconPath: new ThemeIcon('library'),
  };
}

function labelItem(preview: PreviewResult, labels: readonly string[]): PresetItem {
  return {
    ...{ template: 'auto', task: undefined },
    label: labels.length === 0 ? l10n.t('Predict a number') : l10n.t('Predict one of {0} labels', labels.length),
    description: labels.slice(0, SHOWN_LABELS).join(', ') + (labels.length > SHOWN_LABELS ? ', …' : ''),
    detail: `${preview.format}: ${preview.template} · ${exampleLine(preview)}`,
    iconPath: new ThemeIcon('tag'),
  };
}
