/** Everything that commands and views share, made once for the window; nothing here starts a process or reads a file. */
import { join } from 'node:path';
import { l10n, window, workspace, type ExtensionContext } from 'vscode';
import { deathText } from '../../engine/protocol/runs/processDeath.ts';
import { engineCommand } from '../engine/engineLocation.ts';
import { JobsEngine } from '../engine/jobsEngine.ts';
import { createRunStart, type RunStart } from '../launch/runStart.ts';
import { ErrorReport } from '../problems/errorReport.ts';
import { ProblemList } from '../problems/problemList.ts';
import { QueueFollower } from '../queue/queueFollower.ts';
import { RunLauncher } from '../queue/runLauncher.ts';
import { RunDiscovery } from '../runs/runDiscovery.ts';
import { RunStore } from '../runs/runStore.ts';
import { networkEnvironment } from '../settings/settings.ts';

export interface Services {
  readonly context: ExtensionContext;
  readonly errors: ErrorReport;
  readonly problems: ProblemList;
  readonly jobs: JobsEngine;
  readonly store: RunStore;
  readonly discovery: RunDiscovery;
  readonly queueFolder: string;
  readonly queue: QueueFollower;
  readonly launcher: RunLauncher;
  readonly starts: RunStart;
  /** Folders of the comparisons of methods that this window made: their reports speak for their runs. */
  readonly comparisons: Set<string>;
}

export function createServices(context: ExtensionContext): Services {
  const log = window.createOutputChannel('NeuroAda', { log: true });
  const problems = new ProblemList();
  const errors = new ErrorReport(log, problems);
  const cudaFolder = join(context.globalStorageUri.fsPath, 'cuda');
  const command = engineCommand(context.extensionPath, cudaFolder, networkEnvironment());
  const jobs = new JobsEngine(command);
  const noteError = (folder: string, error: unknown): void => {
    errors.note(l10n.t('cannot follow {0}', folder), error);
  };
  const store = new RunStore(noteError, () => workspace.isTrusted);
  const discovery = new RunDiscovery(store);
  const queueFolder = join(context.globalStorageUri.fsPath, 'queue');
  const queue = new QueueFollower(queueFolder, {
    onChange: (entries) => {
      store.setQueue(entries);
    },
    onError: (error) => {
      errors.note(l10n.t('cannot read the queue'), error);
    },
  });
  const launcher = new RunLauncher(queueFolder, command, {
    onDeath: (runFolder, end) => {
      void store.died(runFolder, deathText(end));
    },
    onQueueChange: () => void queue.read(),
    onError: (error) => {
      errors.show(error);
    },
  });
  const takenNames = (): string[] => store.list().map((run) => run.identity.name);
  const starts = createRunStart(launcher, discovery, takenNames, context.globalState);
  context.subscriptions.push(log, problems, problems.clearWhenSaved(), jobs, store, discovery, queue);
  return {
    context,
    errors,
    problems,
    jobs,
    store,
    discovery,
    queueFolder,
    queue,
    launcher,
    starts,
    comparisons: new Set(),
  };
}
