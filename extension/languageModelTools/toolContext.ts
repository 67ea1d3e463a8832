/** What the tools of the editor's agent act on, and how they answer: JSON that a model reads. */
import { l10n, LanguageModelTextPart, LanguageModelToolResult, workspace, type CancellationToken } from 'vscode';
import type { JobsEngine } from '../engine/jobsEngine.ts';
import type { RunStart } from '../launch/runStart.ts';
import type { Run } from '../runs/run.ts';
import type { RunStore } from '../runs/runStore.ts';

export interface ToolContext {
  readonly store: RunStore;
  readonly jobs: JobsEngine;
  readonly starts: RunStart;
  readonly queueFolder: string;
}

export function jsonResult(value: unknown): LanguageModelToolResult {
  return new LanguageModelToolResult([new LanguageModelTextPart(JSON.stringify(value, undefined, 2))]);
}

/** @throws Error that tells the agent that nothing runs in an untrusted workspace */
export function requireTrust(): void {
  if (!workspace.isTrusted)
    throw new Error(l10n.t('The workspace is not trusted: nothing is trained or merged in it.'));
}

/**
 * The run of this name or folder.
 * @throws Error naming the runs that there are
 */
export function namedRun(store: RunStore, name: string): Run {
  const runs = store.list();
  const exact = runs.filter((run) => run.folder === name || run.identity.name === name);
  const [run] = exact;
  if (run !== undefined && exact.length === 1) return run;
  if (run !== undefined) {
    const folders = exact.map(({ folder }) => folder).join(', ');
    throw new Error(l10n.t('Several runs are named "{0}": give a folder, one of {1}.', name, folders));
  }
  const known = runs.map(({ identity }) => `"${identity.name}"`).join(', ');
  throw new Error(
    known === ''
      ? l10n.t('There is no run "{0}": no run was found in this workspace.', name)
      : l10n.t('There is no run "{0}". The runs are {1}.', name, known),
  );
}

export function abortSignal(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  token.onCancellationRequested(() => {
    controller.abort();
  });
  return controller.signal;
}
