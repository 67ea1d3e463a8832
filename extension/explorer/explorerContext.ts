/**
 * Tells the explorer's menus which folders are checkpoints and which hold an adapter, through context keys that hold
 * their paths, so that commands appear just where they apply.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { commands, Uri, workspace, type Disposable } from 'vscode';
import { ADAPTER_FILES, RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';

const CHECKPOINT_FOLDERS = 'neuroada.checkpointFolders';
const ADAPTER_FOLDERS = 'neuroada.adapterFolders';

const EXCLUDED = '**/{node_modules,.git,checkpoints}/**';
const LIMIT = 10_000;
const UPDATE_DELAY_MS = 100;

export class ExplorerContext implements Disposable {
  readonly #checkpoints = new Set<string>();
  readonly #adapters = new Set<string>();
  readonly #watcher = workspace.createFileSystemWatcher('**/*.safetensors', false, true, false);
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    const note = ({ fsPath }: Uri): void => this.note(dirname(fsPath));
    this.#watcher.onDidCreate(note);
    this.#watcher.onDidDelete(note);
  }

  async scan(): Promise<void> {
    const files = await workspace.findFiles('**/*.safetensors', EXCLUDED, LIMIT);
    for (const folder of new Set(files.map(({ fsPath }) => dirname(fsPath)))) this.note(folder);
  }

  /** Looks at a folder that may have become a checkpoint or an adapter, or is one no more. */
  note(folder: string): void {
    const hasAdapter = existsSync(join(folder, ADAPTER_FILES.model));
    setMember(this.#adapters, folder, hasAdapter);
    setMember(this.#checkpoints, folder, !hasAdapter && existsSync(join(folder, 'config.json')));
    const parent = dirname(folder);
    if (basename(folder) === RUN_FILES.adapter && existsSync(join(parent, RUN_FILES.record))) {
      setMember(this.#adapters, parent, hasAdapter);
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void commands.executeCommand('setContext', CHECKPOINT_FOLDERS, [...this.#checkpoints]);
      void commands.executeCommand('setContext', ADAPTER_FOLDERS, [...this.#adapters]);
    }, UPDATE_DELAY_MS);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#watcher.dispose();
  }
}

/** As the explorer writes paths. */
function setMember(folders: Set<string>, folder: string, isMember: boolean): void {
  const path = Uri.file(folder).fsPath;
  if (isMember) folders.add(path);
  else folders.delete(path);
}
