/**
 * Finds runs wherever they appear: in the runs folders of the workspace at once, then anywhere in the workspace; and
 * watches the folders that hold runs, so that runs of the command line or of another machine show up by themselves.
 */
import { readdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { RelativePattern, Uri, workspace, type Disposable } from 'vscode';
import { RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';
import { runsFolderIn } from '../settings/settings.ts';
import type { RunStore } from './runStore.ts';

const TELLING_FILES = [RUN_FILES.record, RUN_FILES.request, RUN_FILES.events, RUN_FILES.control, RUN_FILES.process];
const SEARCH_EXCLUDES = '**/{node_modules,.git,checkpoints,adapter}/**';
const SEARCH_LIMIT = 10_000;

export class RunDiscovery implements Disposable {
  readonly #store: RunStore;
  readonly #watchers = new Map<string, Disposable[]>();
  /** Of runs folders, by their path. */
  readonly #appearances = new Map<string, Disposable>();
  readonly #subscriptions: Disposable[] = [];
  readonly #pending = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #tellListed: () => void = () => undefined;
  /** Fulfilled when the runs folders were read for the first time. */
  readonly listed = new Promise<void>((resolve) => (this.#tellListed = resolve));

  constructor(store: RunStore) {
    this.#store = store;
    const records = workspace.createFileSystemWatcher(
      `**/{${RUN_FILES.record},${RUN_FILES.request}}`,
      false,
      true,
      true,
    );
    records.onDidCreate((file) => this.#noteFile(file));
    this.#subscriptions.push(
      records,
      workspace.onDidChangeWorkspaceFolders(() => void this.scan()),
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('neuroada.runsFolder')) void this.scan();
      }),
    );
  }

  /** Reads the runs folders, then searches the workspace for runs elsewhere. */
  async scan(): Promise<void> {
    const known = new Set<string>();
    try {
      for (const [parent, workspaceFolder] of runsFolders()) {
        this.#watchAppearance(parent, workspaceFolder);
        this.#watchParent(parent);
        for (const folder of await subfolders(parent)) known.add(folder);
      }
      await this.#store.refreshAll([...known]);
    } finally {
      this.#tellListed();
    }
    const pattern = `**/{${RUN_FILES.record},${RUN_FILES.request}}`;
    const files = await workspace.findFiles(pattern, SEARCH_EXCLUDES, SEARCH_LIMIT);
    const elsewhere = new Set(files.map((file) => dirname(file.fsPath)).filter((folder) => !known.has(folder)));
    for (const folder of elsewhere) this.#watchParent(dirname(folder));
    await this.#store.refreshAll([...elsewhere]);
    await this.#store.completeAll();
  }

  /** A run that this window is about to make, wherever it lies. */
  async add(runFolder: string): Promise<void> {
    this.#watchParent(dirname(runFolder));
    await this.#store.refresh(runFolder);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    const watchers = [...this.#watchers.values()].flat();
    for (const each of [...this.#subscriptions, ...this.#appearances.values(), ...watchers]) each.dispose();
  }

  #watchParent(parent: string): void {
    if (this.#watchers.has(parent)) return;
    const base = Uri.file(parent);
    const folders = workspace.createFileSystemWatcher(new RelativePattern(base, '*'), false, true, false);
    // A run that appears whole, under its name, is one event: that of its folder.
    folders.onDidCreate((folder) => this.#note(folder.fsPath));
    folders.onDidDelete((folder) => this.#note(folder.fsPath));
    const files = workspace.createFileSystemWatcher(new RelativePattern(base, `*/{${TELLING_FILES.join(',')}}`));
    files.onDidCreate((file) => this.#noteFile(file));
    files.onDidChange((file) => this.#noteFile(file));
    files.onDidDelete((file) => this.#noteFile(file));
    this.#watchers.set(parent, [folders, files]);
  }

  /** A runs folder that is made, or moved here, with runs in it is one event: that of the outermost new folder. */
  #watchAppearance(parent: string, workspaceFolder: string): void {
    if (this.#appearances.has(parent)) return;
    const way = relative(workspaceFolder, parent);
    const isInside = way !== '' && !isAbsolute(way) && !way.startsWith('..');
    const base = isInside ? workspaceFolder : dirname(parent);
    const names = (isInside ? way : basename(parent)).split(sep);
    const folders = names.map((_, index) => names.slice(0, index + 1).join('/'));
    const pattern = folders.length === 1 ? folders[0]! : `{${folders.join(',')}}`;
    const watcher = workspace.createFileSystemWatcher(new RelativePattern(Uri.file(base), pattern), false, true, true);
    watcher.onDidCreate(() => void this.#noteAll(parent));
    this.#appearances.set(parent, watcher);
  }

  async #noteAll(parent: string): Promise<void> {
    for (const folder of await subfolders(parent)) this.#note(folder);
  }

  #noteFile(file: Uri): void {
    this.#watchParent(dirname(dirname(file.fsPath)));
    this.#note(dirname(file.fsPath));
  }

  #note(folder: string): void {
    this.#pending.add(folder);
    this.#timer ??= setTimeout(() => {
      const folders = [...this.#pending];
      this.#timer = undefined;
      this.#pending.clear();
      void this.#store.refreshAll(folders);
    }, 50);
  }
}

/** The workspace folder of each runs folder. */
function runsFolders(): Map<string, string> {
  const folders = (workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  return new Map(folders.map((folder) => [runsFolderIn(folder), folder]));
}

async function subfolders(parent: string): Promise<string[]> {
  try {
    const entries = await readdir(parent, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => join(parent, entry.name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
