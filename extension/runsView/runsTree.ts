/** The data of the runs view: filtered, sorted, and changed only where a run changed. */
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { EventEmitter, type TreeDataProvider, type TreeItem } from 'vscode';
import { RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';
import type { RunStore } from '../runs/runStore.ts';
import type { Run } from '../runs/run.ts';
import {
  childNodes,
  groupItem,
  groupNodes,
  partItem,
  runItem,
  runTooltip,
  type Checkpoint,
  type RunNode,
} from './runNodes.ts';
import { arrangeRuns, type RunFilter, type SortKey } from './runOrder.ts';

/** Runs that the view shows at once; the others follow when these are painted. */
const FIRST_PAGE = 60;
const FOLLOWING_DELAY_MS = 50;

export class RunsTree implements TreeDataProvider<RunNode> {
  readonly #store: RunStore;
  readonly #listed: Promise<void>;
  readonly #changes = new EventEmitter<RunNode[] | undefined>();
  readonly #nodes = new Map<string, RunNode>();
  /** Whether the first page of a long list was given, and all may follow. */
  #isBeyondFirst = false;
  #following: NodeJS.Timeout | undefined;
  filter: RunFilter = {};
  sortKey: SortKey = 'date';
  readonly onDidChangeTreeData = this.#changes.event;

  /** @param listed fulfilled when the runs folders were read: until then the view shows that it is loading */
  constructor(store: RunStore, listed: Promise<void>) {
    this.#store = store;
    this.#listed = listed;
    store.onDidChange(({ folders, isListChange }) => {
      const mayReorder = isListChange || this.sortKey === 'status' || this.filter.statuses !== undefined;
      const nodes = [...folders].map((folder) => this.#nodes.get(folder)).filter((node) => node !== undefined);
      this.#changes.fire(mayReorder ? undefined : nodes);
    });
  }

  /** After a change of filter or order. */
  rearrange(): void {
    this.#changes.fire(undefined);
  }

  async getChildren(node?: RunNode): Promise<RunNode[]> {
    if (node === undefined) {
      await this.#listed;
      return this.#page(arrangeRuns(this.#store.list(), this.filter, this.sortKey)).map(({ folder }) =>
        this.#runNode(folder),
      );
    }
    return node.kind === 'part' ? [] : this.#childrenOf(node);
  }

  getTreeItem(node: RunNode): TreeItem {
    const run = this.#store.get(node.folder);
    if (run === undefined) return { id: node.folder };
    if (node.kind === 'run') return runItem(run);
    return node.kind === 'group' ? groupItem(run, node.group, node.count) : partItem(run.folder, node.part);
  }

  resolveTreeItem(item: TreeItem, node: RunNode): TreeItem {
    const run = this.#store.get(node.folder);
    if (run !== undefined && node.kind === 'run') item.tooltip = runTooltip(run);
    return item;
  }

  async #childrenOf(node: Exclude<RunNode, { kind: 'part' }>): Promise<RunNode[]> {
    await this.#store.complete(node.folder);
    const run = this.#store.get(node.folder);
    if (run === undefined) return [];
    const kept = await keptCheckpoints(run);
    return node.kind === 'run' ? childNodes(run, kept) : groupNodes(run, node.group, kept);
  }

  /** Of a long list first what fills the view: the editor takes a while to make rows of a thousand runs. */
  #page(runs: readonly Run[]): readonly Run[] {
    if (this.#isBeyondFirst || runs.length <= FIRST_PAGE) return runs;
    this.#following ??= setTimeout(() => {
      this.#isBeyondFirst = true;
      this.#changes.fire(undefined);
    }, FOLLOWING_DELAY_MS);
    return runs.slice(0, FIRST_PAGE);
  }

  /** The same object for the same run, since the editor knows nodes by identity. */
  #runNode(folder: string): RunNode {
    let node = this.#nodes.get(folder);
    if (node === undefined) {
      node = { kind: 'run', folder };
      this.#nodes.set(folder, node);
    }
    return node;
  }
}

/** The run's checkpoints that are on disk. */
async function keptCheckpoints({ folder, summary }: Run): Promise<Checkpoint[]> {
  if (summary.checkpoints.length === 0) return [];
  try {
    const names = new Set(await readdir(join(folder, RUN_FILES.checkpoints)));
    return summary.checkpoints.filter(({ path }) => names.has(basename(path)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
