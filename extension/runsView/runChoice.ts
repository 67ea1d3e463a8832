/** Which runs a command is about: those of the tree that it was called on, else those that the user picks. */
import { l10n, window, type QuickPickItem } from 'vscode';
import { shownStatus, type Run } from '../runs/run.ts';
import type { RunStore } from '../runs/runStore.ts';
import { runDescription, statusIcon } from '../text/statusWords.ts';
import type { RunNode } from './runNodes.ts';
import { arrangeRuns } from './runOrder.ts';

export interface RunItem extends QuickPickItem {
  readonly run: Run;
}

/** The runs of the selection that the command was called on; undefined where it was not called on runs. */
export function runsOfSelection(store: RunStore, node: unknown, selected: unknown): Run[] | undefined {
  const nodes =
    Array.isArray(selected) && selected.length > 0 ? (selected as unknown[]) : node === undefined ? [] : [node];
  const folders = new Set(nodes.filter(namesRun).map(({ folder }) => folder));
  const runs = [...folders].map((folder) => store.get(folder)).filter((run) => run !== undefined);
  return runs.length === 0 ? undefined : runs;
}

export async function pickRun(
  store: RunStore,
  title: string,
  isOffered: (run: Run) => boolean,
): Promise<Run | undefined> {
  const items = runItems(store, isOffered);
  if (items.length === 0) {
    void window.showInformationMessage(l10n.t('{0}: there is no such run.', title));
    return undefined;
  }
  return (await window.showQuickPick(items, { title, matchOnDescription: true }))?.run;
}

export async function pickRuns(
  store: RunStore,
  title: string,
  isOffered: (run: Run) => boolean,
  picked: ReadonlySet<string>,
): Promise<Run[] | undefined> {
  const items = runItems(store, isOffered).map((item) => ({ ...item, picked: picked.has(item.run.folder) }));
  const chosen = await window.showQuickPick(items, { title, canPickMany: true, matchOnDescription: true });
  return chosen?.map(({ run }) => run);
}

/** The newest first. */
export function runItems(store: RunStore, isOffered: (run: Run) => boolean): RunItem[] {
  return arrangeRuns(store.list().filter(isOffered), {}, 'date').map((run) => ({
    run,
    label: run.identity.name,
    description: runDescription(run),
    iconPath: statusIcon(shownStatus(run)),
  }));
}

/** A node of the runs view, or the `{ folder }` that other places call commands with. */
function namesRun(value: unknown): value is Pick<RunNode, 'folder'> {
  return typeof value === 'object' && value !== null && 'folder' in value && typeof value.folder === 'string';
}
