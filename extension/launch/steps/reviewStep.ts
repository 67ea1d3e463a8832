/** Last step: what the run will take, and whether to start it or keep it as a configuration. */
import { basename } from 'node:path';
import { l10n, QuickPickItemKind, ThemeIcon, type QuickPickItem } from 'vscode';
import type { EstimateResult } from '../../../engine/protocol/rpc.ts';
import { deviceWord, planWord } from '../../text/executionWords.ts';
import { bytesText, countText, durationText, percentText, stepTimeText } from '../../text/figures.ts';
import type { LaunchDraft } from '../launchDraft.ts';
import { pick, type StepPlace } from '../wizard.ts';
import type { EngineAnswers } from './launchStep.ts';

export type ReviewEnd = 'start' | 'save' | 'back' | 'cancel';

interface ReviewItem extends QuickPickItem {
  readonly end?: 'start' | 'save';
}

export async function reviewStep(engine: EngineAnswers, draft: LaunchDraft, place: StepPlace): Promise<ReviewEnd> {
  for (;;) {
    const choice = await pick<ReviewItem>({
      place,
      placeholder: l10n.t('{0} on {1}', basename(draft.base), basename(draft.data)),
      items: engine.estimate(draft).then(reviewItems),
      isDefault: ({ end }) => end === 'start',
    }).catch((error: unknown) => {
      engine.showError(error);
      return 'back' as const;
    });
    if (choice === 'back' || choice === 'cancel') return choice;
    if (choice.end !== undefined) return choice.end;
  }
}

function reviewItems(estimate: EstimateResult): ReviewItem[] {
  return [
    {
      end: 'start',
      label: l10n.t('Start'),
      description: summary(estimate),
      ...(estimate.fits ? {} : { detail: l10n.t('This may not fit into memory: see below.') }),
      iconPath: new ThemeIcon('play'),
    },
    {
      end: 'save',
      label: l10n.t('Save as Configuration…'),
      description: '*.neuroada.json',
      iconPath: new ThemeIcon('save-as'),
    },
    { label: l10n.t('estimate'), kind: QuickPickItemKind.Separator },
    ...estimateItems(estimate),
  ];
}

function summary({ trainableParameters, peakMemoryBytes, totalMs }: EstimateResult): string {
  return l10n.t(
    '{0} trainable parameters · {1} peak memory · about {2}',
    countText(trainableParameters),
    bytesText(peakMemoryBytes),
    durationText(totalMs),
  );
}

function estimateItems(estimate: EstimateResult): ReviewItem[] {
  const { trainableParameters, trainableShare, k, peakMemoryBytes, availableMemoryBytes, fits } = estimate;
  return [
    {
      label: l10n.t('Trainable parameters'),
      description: `${countText(trainableParameters)} (${percentText(trainableShare)}, k = ${k})`,
      iconPath: new ThemeIcon('symbol-number'),
    },
    {
      label: l10n.t('Peak memory'),
      description: l10n.t('{0} of {1} available', bytesText(peakMemoryBytes), bytesText(availableMemoryBytes)),
      iconPath: new ThemeIcon(fits ? 'pass' : 'warning'),
    },
    {
      label: l10n.t('Time'),
      description: l10n.t('{0} for {1} steps', durationText(estimate.totalMs), countText(estimate.totalSteps)),
      iconPath: new ThemeIcon('watch'),
    },
    {
      label: l10n.t('Device and plan'),
      description: `${deviceWord(estimate.device)}, ${planWord(estimate.plan)}`,
      detail: estimate.reasons.join('; '),
      iconPath: new ThemeIcon('chip'),
    },
    ...alternativeItems(estimate),
  ];
}

/** What would need less memory, by the configuration's fields. */
function alternativeItems({ alternatives }: EstimateResult): ReviewItem[] {
  return alternatives.map(({ settings, peakMemoryBytes, stepMs }) => ({
    label: l10n.t('With less memory'),
    description: l10n.t('{0}, {1} a step', bytesText(peakMemoryBytes), stepTimeText(stepMs)),
    detail: Object.entries(settings)
      .map(([field, value]) => `${field} = ${value}`)
      .join(', '),
    iconPath: new ThemeIcon('fold-down'),
  }));
}
