/** The view of runs in the activity bar: tree, badge, filter and order. */
import { commands, l10n, window, type Disposable, type Memento, type TreeView } from 'vscode';
import { isRunning } from '../runs/run.ts';
import type { RunDiscovery } from '../runs/runDiscovery.ts';
import type { RunStore } from '../runs/runStore.ts';
import { chooseFilter, chooseOrder, filterText } from './runFilterChoice.ts';
import type { RunNode } from './runNodes.ts';
import { isFiltering, type SortKey } from './runOrder.ts';
import { RunsTree } from './runsTree.ts';

const SORT_STATE = 'neuroada.runs.sort';

export interface RunsView extends Disposable {
  /** What is selected in the view, in its order. */
  readonly selection: () => readonly RunNode[];
}

export function createRunsView(store: RunStore, discovery: RunDiscovery, state: Memento): RunsView {
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
  const subscriptions = [
    view,
    store.onDidChange(showCount),
    commands.registerCommand('neuroada.runs.sort', async () => {
      const key = await chooseOrder(tree.sortKey);
      if (key === undefined) return;
      tree.sortKey = key;
      tree.rearrange();
      await state.update(SORT_STATE, key);
    }),
    commands.registerCommand('neuroada.runs.filter', async () => {
      tree.filter = (await chooseFilter(tree.filter, store.list())) ?? tree.filter;
      await showFilter(tree, view);
    }),
    commands.registerCommand('neuroada.runs.clearFilter', async () => {
      tree.filter = {};
      await showFilter(tree, view);
    }),
  ];
  return {
    selection: () => view.selection,
    dispose: () => {
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}

function showBadge(view: TreeView<RunNode>, store: RunStore): void {
  const running = store.list().filter(isRunning).length;
  const tooltip = running === 1 ? l10n.t('1 run is training') : l10n.t('{0} runs are training', running);
  view.badge = running === 0 ? undefined : { value: running, tooltip };
}

async function showFilter(tree: RunsTree, view: TreeView<RunNode>): Promise<void> {
  tree.rearrange();
  view.message = isFiltering(tree.filter) ? l10n.t('Only: {0}', filterText(tree.filter)) : '';
  await commands.executeCommand('setContext', 'neuroada.runs.isFiltered', isFiltering(tree.filter));
}
