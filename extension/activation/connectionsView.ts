/** The Connections views, the editor of safetensors files, and the commands that open them. */
import { commands, l10n, Uri, type Disposable } from 'vscode';
import type { ConnectionSource } from '../../engine/protocol/connections/connectionSource.ts';
import { registerConnectionsEditor, SAFETENSORS_EDITOR } from '../connectionsView/connectionsEditor.ts';
import { createConnectionsPanels } from '../connectionsView/connectionsPanels.ts';
import { chooseSource } from '../connectionsView/sourceChoice.ts';
import { sourceOfPath } from '../connectionsView/sourceOfPath.ts';
import { runsOfSelection } from '../runsView/runChoice.ts';
import type { RunNode } from '../runsView/runNodes.ts';
import { registerCommands } from './commandRegistry.ts';
import type { Services } from './services.ts';

export function createConnectionsView(services: Services): Disposable[] {
  const { context, store, errors, jobs } = services;
  const ports = { jobs, store, report: errors, extensionUri: context.extensionUri };
  const panels = createConnectionsPanels(ports);
  return [
    panels,
    registerConnectionsEditor(ports),
    ...registerCommands(errors, {
      'neuroada.inspectConnections': async (target) => {
        if (target instanceof Uri && target.path.endsWith('.safetensors')) {
          await commands.executeCommand('vscode.openWith', target, SAFETENSORS_EDITOR);
          return;
        }
        const [named] = await namedSources(services, [target]);
        const source =
          named ?? (target === undefined ? await choose(services, l10n.t('Inspect Connections')) : undefined);
        if (source !== undefined) panels.open([source]);
      },
      'neuroada.compareConnections': async (target, selection) => {
        const targets = Array.isArray(selection) && selection.length > 0 ? (selection as unknown[]) : [target];
        const named = await namedSources(services, targets);
        const first = named[0] ?? (await choose(services, l10n.t('Compare Connections Of')));
        if (first === undefined) return;
        const second = named[1] ?? (await choose(services, l10n.t('Compare Connections With'), first));
        if (second !== undefined) panels.open([first, second]);
      },
    }),
  ];
}

function choose(
  { store, jobs }: Services,
  title: string,
  besides?: ConnectionSource,
): Promise<ConnectionSource | undefined> {
  return chooseSource({ store, jobs, title, ...(besides === undefined ? {} : { besides }) });
}

/** What a command was called on: nodes of the runs view, or resources of the explorer. */
async function namedSources(services: Services, targets: readonly unknown[]): Promise<ConnectionSource[]> {
  const sources: ConnectionSource[] = [];
  for (const target of targets) {
    const source = await namedSource(services, target);
    if (source !== undefined) sources.push(source);
  }
  return sources;
}

async function namedSource({ store, jobs }: Services, target: unknown): Promise<ConnectionSource | undefined> {
  if (target instanceof Uri) return sourceOfPath(jobs, target.fsPath);
  const path = isPart(target) ? target.part.path : undefined;
  if (path !== undefined) return sourceOfPath(jobs, path);
  const [run] = runsOfSelection(store, target, undefined) ?? [];
  return run === undefined ? undefined : { kind: 'run', folder: run.folder, at: 'newest' };
}

function isPart(target: unknown): target is Extract<RunNode, { kind: 'part' }> {
  return typeof target === 'object' && target !== null && 'kind' in target && target.kind === 'part';
}
