/** Third step: how a record becomes a prompt, shown on the first example, the masked prompt told from the trained answer. */
import { l10n, ThemeIcon } from 'vscode';
import type { PreviewResult } from '../../../engine/protocol/rpc.ts';
import { countText } from '../../text/figures.ts';
import { developmentSetBeside } from '../developmentSet.ts';
import type { LaunchDraft, Preset, Template } from '../launchDraft.ts';
import { pick } from '../wizard.ts';
import type { EngineAnswers, LaunchStep } from './launchStep.ts';
import { exampleLine } from './presetPreview.ts';
import { textPresets } from './textPresets.ts';
import type { PresetItem } from './presetItem.ts';

const AUTOMATIC: Preset = { template: 'auto', task: undefined };
const TEMPLATES: readonly Exclude<Template, 'auto'>[] = ['alpaca', 'commonsense', 'chat', 'plain'];

export function presetStep(engine: EngineAnswers): LaunchStep {
  return async (draft, place) => {
    const choice = await pick<PresetItem>({
      place,
      placeholder: l10n.t('How an example becomes a prompt. ⟦Prompt, not trained⟧ answer, trained'),
      items: presetItems(engine, draft),
      isDefault: ({ template, task }) =>
        template === draft.template && (draft.task === undefined || task === draft.task),
    }).catch((error: unknown) => {
      engine.showError(error);
      return 'back' as const;
    });
    if (choice === 'back' || choice === 'cancel') return choice;
    const { template, task } = choice;
    const evaluation = task === undefined ? undefined : await developmentSetBeside(draft.data);
    return { draft: { ...draft, template, task, evaluation } };
  };
}

/** The preset that the engine proposes first; of the others those that fit the data. */
export async function presetItems(engine: Pick<EngineAnswers, 'preview'>, draft: LaunchDraft): Promise<PresetItem[]> {
  const [first] = await Promise.allSettled([engine.preview(draft, AUTOMATIC)]);
  const isRead = first.status === 'fulfilled';
  if (!isRead || first.value.labels !== undefined) {
    // A published file may make sense as that of its task alone.
    const items = await textPresets(engine, draft, isRead ? first.value : undefined);
    if (!isRead && items.length === 0) throw first.reason;
    return items;
  }
  const proposed = first.value;
  const rest = TEMPLATES.filter((template) => template !== proposed.template);
  const previews = await Promise.allSettled(rest.map((template) => engine.preview(draft, { ...AUTOMATIC, template })));
  const others = rest.flatMap((template, index) => {
    const preview = previews[index]!;
    return preview.status === 'fulfilled' ? [presetItem(template, preview.value, false)] : [];
  });
  const hasPresets = proposed.shape === 'instruction';
  return [presetItem('auto', proposed, true), ...(hasPresets ? others : [])];
}

function presetItem(template: Template, preview: PreviewResult, isProposed: boolean): PresetItem {
  const [example] = preview.examples;
  const figures = l10n.t('{0}, {1} records', preview.format.toUpperCase(), preview.shape);
  return {
    ...{ template, task: undefined },
    label: isProposed ? l10n.t('{0} (proposed)', templateWord(preview.template)) : templateWord(template),
    description:
      example === undefined
        ? figures
        : `${figures} · ${l10n.t('{0} of {1} tokens trained', countText(example.trainedTokens), countText(example.tokens))}`,
    detail: exampleLine(preview),
    iconPath: new ThemeIcon('comment-discussion'),
  };
}

function templateWord(template: string): string {
  switch (template) {
    case 'alpaca':
      return l10n.t('Arithmetic (Alpaca template)');
    case 'commonsense':
      return l10n.t('Commonsense template');
    case 'chat':
      return l10n.t("The model's own chat template");
    case 'plain':
      return l10n.t('Plain text');
    default:
      return template;
  }
}
