/** Fourth step: how many connections are trained, per neuron or as a share, with the number that this makes. */
import { l10n, ThemeIcon, window, type QuickPickItem } from 'vscode';
import { countText, percentText } from '../../text/figures.ts';
import type { Budget, LaunchDraft } from '../launchDraft.ts';
import { pick, type StepPlace } from '../wizard.ts';
import type { EngineAnswers, LaunchStep } from './launchStep.ts';

interface BudgetItem extends QuickPickItem {
  readonly budget?: Budget;
  readonly custom?: 'k' | 'trainableShare';
}

const OFFERED_K = [1, 2, 4, 8, 20];
const LARGEST_K = 100_000;

export function budgetStep(engine: EngineAnswers): LaunchStep {
  return async (draft, place) => {
    for (;;) {
      const choice = await pick<BudgetItem>({
        place,
        placeholder: l10n.t('How many input connections of each neuron are trained (k)'),
        items: budgetItems(engine, draft),
        isDefault: ({ budget }) => budget !== undefined && isSameBudget(budget, draft.budget),
      }).catch((error: unknown) => {
        engine.showError(error);
        return 'back' as const;
      });
      if (choice === 'back' || choice === 'cancel') return choice;
      const budget = choice.budget ?? (choice.custom === 'k' ? await askK(place) : await askShare(place));
      if (budget !== undefined) return { draft: { ...draft, budget } };
    }
  };
}

async function budgetItems(engine: EngineAnswers, draft: LaunchDraft): Promise<BudgetItem[]> {
  const budgets: Budget[] = OFFERED_K.map((k) => ({ k }));
  if (!budgets.some((budget) => isSameBudget(budget, draft.budget))) budgets.unshift(draft.budget);
  const estimates = await Promise.all(budgets.map((budget) => engine.estimate({ ...draft, budget })));
  const items = budgets.map((budget, index): BudgetItem => {
    const { trainableParameters, trainableShare, k } = estimates[index]!;
    return {
      budget,
      label: 'k' in budget ? `k = ${budget.k}` : l10n.t('{0} of the parameters', percentText(budget.trainableShare)),
      description: l10n.t(
        '{0} trainable parameters ({1})',
        countText(trainableParameters),
        percentText(trainableShare),
      ),
      ...('k' in budget ? {} : { detail: `k = ${k}` }),
      iconPath: new ThemeIcon('symbol-number'),
    };
  });
  return [
    ...items,
    { custom: 'k', label: l10n.t('Another k…'), iconPath: new ThemeIcon('edit'), alwaysShow: true },
    {
      custom: 'trainableShare',
      label: l10n.t('A share of the parameters…'),
      iconPath: new ThemeIcon('edit'),
      alwaysShow: true,
    },
  ];
}

async function askK({ title }: StepPlace): Promise<Budget | undefined> {
  const text = await window.showInputBox({
    title,
    prompt: l10n.t('Selected connections per neuron'),
    value: '1',
    validateInput: (value) =>
      /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= LARGEST_K
        ? undefined
        : l10n.t('Expected a whole number from 1 to {0}.', countText(LARGEST_K)),
  });
  return text === undefined ? undefined : { k: Number(text) };
}

async function askShare({ title }: StepPlace): Promise<Budget | undefined> {
  const text = await window.showInputBox({
    title,
    prompt: l10n.t('Share of all parameters that may be trained, in percent'),
    value: '0.1',
    validateInput: (value) =>
      Number(value) > 0 && Number(value) <= 100 ? undefined : l10n.t('Expected a number above 0 and up to 100.'),
  });
  return text === undefined ? undefined : { trainableShare: Number(text) / 100 };
}

function isSameBudget(a: Budget, b: Budget): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
