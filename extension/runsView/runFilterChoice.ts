/** Quick picks for what the runs view shows and in which order, and the filter in words. */
import { l10n, window, type QuickPickItem } from 'vscode';
import type { ShownStatus } from '../../engine/protocol/webview.ts';
import { shownStatus, type Run } from '../runs/run.ts';
import { lossText } from '../text/figures.ts';
import { statusIcon, statusWord } from '../text/statusWords.ts';
import { SORT_KEYS, type RunFilter, type SortKey } from './runOrder.ts';

export async function chooseOrder(current: SortKey): Promise<SortKey | undefined> {
  const words: Record<SortKey, string> = {
    date: l10n.t('Newest first'),
    status: l10n.t('Status'),
    model: l10n.t('Model'),
    bestLoss: l10n.t('Best evaluation loss'),
    name: l10n.t('Name'),
  };
  const items = SORT_KEYS.map((key) => ({
    key,
    label: words[key],
    ...(key === current ? { description: l10n.t('current') } : {}),
  }));
  return (await window.showQuickPick(items, { title: l10n.t('Sort Runs By') }))?.key;
}

/** One condition; chosen ones of the same kind widen each other, of different kinds narrow. */
interface FilterItem extends QuickPickItem {
  readonly status?: ShownStatus;
  readonly model?: string;
  readonly days?: number;
  readonly asks?: 'mostLoss' | 'text';
}

/** Undefined where the user left. */
export async function chooseFilter(filter: RunFilter, runs: readonly Run[]): Promise<RunFilter | undefined> {
  const chosen = await window.showQuickPick(filterItems(filter, runs), {
    title: l10n.t('Show Only Runs That Are'),
    placeHolder: l10n.t('Choose any number; none shows all'),
    canPickMany: true,
  });
  if (chosen === undefined) return undefined;
  const statuses = chosen.map(({ status }) => status).filter((status) => status !== undefined);
  const models = chosen.map(({ model }) => model).filter((model) => model !== undefined);
  const days = chosen.map((item) => item.days).filter((count) => count !== undefined);
  const asks = chosen.map((item) => item.asks);
  const mostLoss = asks.includes('mostLoss') ? await askLoss(filter.mostLoss) : undefined;
  const text = asks.includes('text') ? await askName(filter.text) : undefined;
  return {
    ...(statuses.length === 0 ? {} : { statuses }),
    ...(models.length === 0 ? {} : { models }),
    ...(days.length === 0 ? {} : { days: Math.max(...days) }),
    ...(mostLoss === undefined ? {} : { mostLoss }),
    ...(text === undefined || text === '' ? {} : { text }),
  };
}

/** Such as `Failed, created in the last 7 days`; empty where all runs are shown. */
export function filterText({ statuses, models, days, mostLoss, text }: RunFilter): string {
  const parts = [
    ...(statuses ?? []).map(statusWord),
    ...(models ?? []),
    ...(days === undefined ? [] : [daysText(days).toLowerCase()]),
    ...(mostLoss === undefined ? [] : [l10n.t('best evaluation loss at most {0}', lossText(mostLoss))]),
    ...(text === undefined ? [] : [l10n.t('name contains "{0}"', text)]),
  ];
  return parts.join(', ');
}

function filterItems({ statuses, models, days, mostLoss, text }: RunFilter, runs: readonly Run[]): FilterItem[] {
  return [
    ...[...new Set(runs.map(shownStatus))].map((status) => ({
      status,
      label: statusWord(status),
      iconPath: statusIcon(status),
      picked: statuses?.includes(status) ?? false,
    })),
    ...[...new Set(runs.map((run) => run.identity.model))].map((model) => ({
      model,
      label: model,
      description: l10n.t('model'),
      picked: models?.includes(model) ?? false,
    })),
    ...[1, 7, 30].map((count) => ({ days: count, label: daysText(count), picked: days === count })),
    { asks: 'mostLoss', label: l10n.t('Best evaluation loss at most…'), picked: mostLoss !== undefined },
    { asks: 'text', label: l10n.t('Name contains…'), picked: text !== undefined },
  ];
}

function daysText(days: number): string {
  return days === 1 ? l10n.t('Created in the last 24 hours') : l10n.t('Created in the last {0} days', days);
}

function askName(value = ''): Thenable<string | undefined> {
  return window.showInputBox({ title: l10n.t('Name Contains'), value });
}

async function askLoss(value: number | undefined): Promise<number | undefined> {
  const text = await window.showInputBox({
    title: l10n.t('Best Evaluation Loss At Most'),
    value: value === undefined ? '' : String(value),
    validateInput: (input) => (Number(input) > 0 ? undefined : l10n.t('Expected a number above 0.')),
  });
  return text === undefined ? undefined : Number(text);
}
