/** Third step: how a record becomes a prompt, shown on the first example, the masked prompt told from the trained answer. */
import { l10n, ThemeIcon, type QuickPickItem } from 'vscode';
import type { PreviewResult } from '../../../engine/protocol/rpc.ts';
import { countText } from '../../text/figures.ts';
import type { LaunchDraft, Template } from '../launchDraft.ts';
import { pick } from '../wizard.ts';
import type { EngineAnswers, LaunchStep } from './launchStep.ts';

interface PresetItem extends QuickPickItem {
  readonly template: Template;
}

const TEMPLATES: readonly Exclude<Template, 'auto'>[] = ['alpaca', 'commonsense', 'chat', 'plain'];
const LONGEST_EXAMPLE = 400;
const SHOWN_LABELS = 8;

export function presetStep(engine: EngineAnswers): LaunchStep {
  return async (draft, place) => {
    const choice = await pick<PresetItem>({
      place,
      placeholder: l10n.t('How an example becomes a prompt. ⟦Prompt, not trained⟧ answer, trained'),
      items: presetItems(engine, draft),
      isDefault: (item) => item.template === draft.template,
    }).catch((error: unknown) => {
      engine.showError(error);
      return 'back' as const;
    });
    if (choice === 'back' || choice === 'cancel') return choice;
    return { draft: { ...draft, template: choice.template } };
  };
}

/** The preset that the engine proposes first; of the others those that fit the data. */
async function presetItems(engine: EngineAnswers, draft: LaunchDraft): Promise<PresetItem[]> {
  const proposed = await engine.preview(draft, 'auto');
  if (proposed.labels !== undefined) return [labelItem(proposed, proposed.labels)];
  const rest = TEMPLATES.filter((template) => template !== proposed.template);
  const previews = await Promise.allSettled(rest.map((template) => engine.preview(draft, template)));
  const others = rest.flatMap((template, index) => {
    const preview = previews[index]!;
    return preview.status === 'fulfilled' ? [presetItem(template, preview.value, false)] : [];
  });
  const hasPresets = proposed.shape === 'instruction';
  return [presetItem('auto', proposed, true), ...(hasPresets ? others : [])];
}

/** For an encoder there is nothing to choose: what it will predict of each text. */
function labelItem({ format, template, examples: [example] }: PreviewResult, labels: readonly string[]): PresetItem {
  return {
    template: 'auto',
    label: labels.length === 0 ? l10n.t('Predict a number') : l10n.t('Predict one of {0} labels', labels.length),
    description: labels.slice(0, SHOWN_LABELS).join(', ') + (labels.length > SHOWN_LABELS ? ', …' : ''),
    detail: `${format}: ${template} · ${example === undefined ? '' : exampleText(example.parts)}`,
    iconPath: new ThemeIcon('tag'),
  };
}

function presetItem(template: Template, preview: PreviewResult, isProposed: boolean): PresetItem {
  const [example] = preview.examples;
  const figures = l10n.t('{0}, {1} records', preview.format, preview.shape);
  return {
    template,
    label: isProposed ? l10n.t('{0} (proposed)', templateWord(preview.template)) : templateWord(template),
    description:
      example === undefined
        ? figures
        : `${figures} · ${l10n.t('{0} of {1} tokens trained', countText(example.trainedTokens), countText(example.tokens))}`,
    detail: example === undefined ? '' : exampleText(example.parts),
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

/** On one line, prompt parts in brackets. */
function exampleText(parts: PreviewResult['examples'][number]['parts']): string {
  const text = parts.map((part) => (part.isTrained ? part.text : `⟦${part.text}⟧ `)).join('');
  const line = text.replaceAll('\n', '↵');
  return line.length > LONGEST_EXAMPLE ? `${line.slice(0, LONGEST_EXAMPLE)}…` : line;
}
