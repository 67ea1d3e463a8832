/** What can be done with runs, wherever the user asks for it: the runs view, the palette, or a run's progress view. */
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { env, l10n, Uri, window } from 'vscode';
import { RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';
import type { RunAction } from '../../engine/protocol/webview.ts';
import type { JobsEngine } from '../engine/jobsEngine.ts';
import { withoutOutput } from '../launch/launchDraft.ts';
import type { RunStart } from '../launch/runStart.ts';
import { mergeResources } from '../merge/mergeAdapters.ts';
import { revealFolder } from '../merge/mergeReport.ts';
import { isTrusted } from '../problems/trustGuard.ts';
import { moveEntry } from '../queue/queueFolder.ts';
import type { Run } from '../runs/run.ts';
import type { RunStore } from '../runs/runStore.ts';
import { cliCommand } from './cliCommand.ts';
import { deleteRuns } from './deleteRun.ts';
import { duplicateConfiguration } from './duplicateConfiguration.ts';
import { renameRun } from './renameRun.ts';
import { offerToEnd } from './stopOffer.ts';
import { requestStop } from './stopRun.ts';

export interface RunActionPorts {
  readonly store: RunStore;
  readonly jobs: JobsEngine;
  readonly starts: RunStart;
  readonly queueFolder: string;
  readonly extensionFolder: string;
  /** Shows the progress of the runs in one view. */
  readonly openProgress: (folders: readonly string[]) => void;
}

export class RunActions {
  readonly #ports: RunActionPorts;

  constructor(ports: RunActionPorts) {
    this.#ports = ports;
  }

  /** Does what a button on a run's card says. */
  act(action: RunAction, run: Run): Promise<void> {
    switch (action) {
      case 'stop':
        return this.stop([run]);
      case 'resume':
        return this.resume([run]);
      case 'runAgain':
        return this.runAgain(run);
      case 'merge':
        return this.merge([run]);
      case 'openLog':
        return this.openLog(run);
      case 'reveal':
        return this.reveal(run);
    }
  }

  open(runs: readonly Run[]): Promise<void> {
    this.#ports.openProgress(runs.map(({ folder }) => folder));
    return Promise.resolve();
  }

  async stop(runs: readonly Run[]): Promise<void> {
    if (!(await isTrusted())) return;
    const { store, queueFolder } = this.#ports;
    await Promise.all(
      runs.map(async (run) => {
        await requestStop(store, queueFolder, run);
        void offerToEnd(store, run);
      }),
    );
  }

  async resume(runs: readonly Run[]): Promise<void> {
    if (!(await isTrusted())) return;
    for (const { folder, identity } of runs) {
      if (identity.configuration === undefined) continue;
      await this.#ports.starts.resume(folder, identity.configuration, identity.hasRecord);
    }
  }

  /** A new run with the same configuration, in a folder beside the old one. */
  async runAgain({ folder, identity }: Run): Promise<void> {
    if (identity.configuration === undefined || !(await isTrusted())) return;
    const options = { name: identity.name, runsFolder: dirname(folder) };
    const repeat = await this.#ports.starts.start(withoutOutput(identity.configuration), options);
    this.#ports.openProgress([repeat]);
  }

  duplicateConfiguration(run: Run): Promise<void> {
    return duplicateConfiguration(run);
  }

  async rename(run: Run): Promise<void> {
    await renameRun(run);
    await this.#ports.store.refresh(run.folder);
  }

  async merge(runs: readonly Run[]): Promise<void> {
    const resources = runs.map(({ folder }) => Uri.file(folder));
    for (const folder of await mergeResources(this.#ports.jobs, resources)) await this.#ports.store.refresh(folder);
  }

  reveal(run: Run): Promise<void> {
    return revealFolder(Uri.file(run.folder));
  }

  async copyCliCommand(run: Run): Promise<void> {
    await env.clipboard.writeText(cliCommand(run, this.#ports.extensionFolder));
    window.setStatusBarMessage(l10n.t('$(check) Command copied: paste it into a terminal'), 4_000);
  }

  /** The output of the run's process; where there is none, the event log. */
  async openLog({ folder }: Run): Promise<void> {
    const log = join(folder, RUN_FILES.log);
    const hasOutput = await stat(log).then(
      ({ size }) => size > 0,
      () => false,
    );
    await window.showTextDocument(Uri.file(hasOutput ? log : join(folder, RUN_FILES.events)));
  }

  async delete(runs: readonly Run[]): Promise<void> {
    if (!(await isTrusted())) return;
    await deleteRuns(this.#ports.store, this.#ports.queueFolder, runs);
  }

  async move(run: Run, direction: -1 | 1): Promise<void> {
    if (run.queued !== undefined) await moveEntry(this.#ports.queueFolder, run.queued.entryName, direction);
  }
}
