/** The view of runs in the activity bar: tree, badge, filter and order. */
import { commands, l10n, window, type Disposable, type Memento, type QuickPickItem, type TreeView } from 'vscode';
import type { ShownStatus } from '../../engine/protocol/webview.ts';
import { isRunning, shownStatus } from '../runs/run.ts';
import type { RunDiscovery } from '../runs/runDiscovery.ts';
import type { RunStore } from '../runs/runStore.ts';
import { statusIcon, statusWord } from '../text/statusWords.ts';
import type { RunNode } from './runNodes.ts';
import { isFiltering, SORT_KEYS, type SortKey } from './runOrder.ts';
import { RunsTree } from './runsTree.ts';

const SORT_STATE = 'neuroada.runs.sort';

export function createRunsView(store: RunStore, discovery: RunDiscovery, state: Memento): Disposable[] {
  const tree = new RunsTree(store, discovery.listed);
  tree.sortKey = state.get<SortKey>(SORT_STATE, 'date');
  const view = window.createTreeView<RunNode>('neuroada.runs', {
    treeDataProvider: tree,
    canSelectMany: true,
    showCollapseAll: true,
  });
  const showCount = () => {
    showBadge(view, store);
  };
  showCount();
  return [
    view,
    store.onDidChange(showCount),
    commands.registerCommand('neuroada.runs.sort', () => chooseOrder(tree, state)),
    commands.registerCommand('neuroada.runs.filter', async () => {
      await chooseFilter(tree, store);
      await showFilter(tree, view);
    }),
    commands.registerCommand('neuroada.runs.clearFilter', async () => {
      tree.filter = {};
      tree.rearrange();
      await showFilter(tree, view);
    }),
  ];
}

function showBadge(view: TreeView<RunNode>, store: RunStore): void {
  const running = store.list().filter(isRunning).length;
  const tooltip = running === 1 ? l10n.t('1 run is training') : l10n.t('{0} runs are training', running);
  view.badge = running === 0 ? undefined : { value: running, tooltip };
}

async function showFilter(tree: RunsTree, view: TreeView<RunNode>): Promise<void> {
  const { statuses, models, text } = tree.filter;
  const parts = [
    ...(statuses ?? []).map(statusWord),
    ...(models ?? []),
    ...(text === undefined ? [] : [l10n.t('name contains "{0}"', text)]),
  ];
  view.message = parts.length === 0 ? '' : l10n.t('Only: {0}', parts.join(', '));
  await commands.executeCommand('setContext', 'neuroada.runs.isFiltered', isFiltering(tree.filter));
}

async function chooseOrder(tree: RunsTree, state: Memento): Promise<void> {
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
    ...(key === tree.sortKey ? { description: l10n.t('current') } : {}),
  }));
  const choice = await window.showQuickPick(items, { title: l10n.t('Sort Runs By') });
  if (choice === undefined) return;
  tree.sortKey = choice.key;
  await state.update(SORT_STATE, choice.key);
  tree.rearrange();
}

interface FilterItem extends QuickPickItem {
  readonly status?: ShownStatus;
  readonly model?: string;
  readonly isName?: boolean;
}

async function chooseFilter(tree: RunsTree, store: RunStore): Promise<void> {
  const runs = store.list();
  const { statuses, models, text } = tree.filter;
  const items: FilterItem[] = [
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
    { isName: true, label: l10n.t('Name contains…'), picked: text !== undefined },
  ];
  const chosen = await window.showQuickPick(items, { title: l10n.t('Show Only Runs That Are'), canPickMany: true });
  if (chosen === undefined) return;
  const isNamed = chosen.some(({ isName }) => isName === true);
  const name = isNamed ? await window.showInputBox({ title: l10n.t('Name Contains'), value: text ?? '' }) : undefined;
  const chosenStatuses = chosen.map(({ status }) => status).filter((status) => status !== undefined);
  const chosenModels = chosen.map(({ model }) => model).filter((model) => model !== undefined);
  tree.filter = {
    ...(chosenStatuses.length === 0 ? {} : { statuses: chosenStatuses }),
    ...(chosenModels.length === 0 ? {} : { models: chosenModels }),
    ...(name === undefined || name === '' ? {} : { text: name }),
  };
  tree.rearrange();
}
