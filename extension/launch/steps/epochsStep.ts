/** Fifth step: how often the training goes through the data. */
import { l10n, ThemeIcon, window, type QuickPickItem } from 'vscode';
import { pick } from '../wizard.ts';
import type { LaunchStep } from './launchStep.ts';

interface EpochsItem extends QuickPickItem {
  /** Undefined: ask. */
  readonly epochs: number | undefined;
}

const OFFERED_EPOCHS = [1, 3, 5, 10];

export const epochsStep: LaunchStep = async (draft, place) => {
  for (;;) {
    const offered = [...new Set([...OFFERED_EPOCHS, draft.epochs])].sort((a, b) => a - b);
    const items: EpochsItem[] = [
      ...offered.map((epochs) => ({
        epochs,
        label: epochs === 1 ? l10n.t('1 epoch') : l10n.t('{0} epochs', epochs),
        iconPath: new ThemeIcon('history'),
      })),
      { epochs: undefined, label: l10n.t('Another number…'), iconPath: new ThemeIcon('edit'), alwaysShow: true },
    ];
    const choice = await pick<EpochsItem>({
      place,
      placeholder: l10n.t('How many times to go through the data'),
      items: Promise.resolve(items),
      isDefault: ({ epochs }) => epochs === draft.epochs,
    });
    if (choice === 'back' || choice === 'cancel') return choice;
    const epochs = choice.epochs ?? (await askEpochs(place.title));
    if (epochs !== undefined) return { draft: { ...draft, epochs } };
  }
};

async function askEpochs(title: string): Promise<number | undefined> {
  const text = await window.showInputBox({
    title,
    prompt: l10n.t('Epochs; a part of one is possible, such as 0.5'),
    value: '3',
    validateInput: (value) => (Number(value) > 0 ? undefined : l10n.t('Expected a number above 0.')),
  });
  return text === undefined ? undefined : Number(text);
}
