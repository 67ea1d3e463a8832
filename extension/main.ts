/** The extension's entry: makes the shared services and hands them to each concern, which registers what it shows. */
import type { ExtensionContext } from 'vscode';
import { registerComparisons } from './activation/comparisons.ts';
import { registerConfigurationSupport } from './activation/configurationSupport.ts';
import { registerEvaluations } from './activation/evaluations.ts';
import { registerCudaCommands } from './activation/cudaCommands.ts';
import { registerExplorerMenus } from './activation/explorerMenus.ts';
import { createConnectionsView } from './activation/connectionsView.ts';
import { registerLaunchCommands } from './activation/launchCommands.ts';
import { registerMergeCommands } from './activation/mergeCommands.ts';
import { createPlayground } from './activation/playground.ts';
import { createProgressView } from './activation/progressView.ts';
import { registerRunCommands } from './activation/runCommands.ts';
import { followRuns } from './activation/runFollowing.ts';
import { createServices } from './activation/services.ts';
import { registerWalkthrough } from './activation/walkthrough.ts';
import { announceRuns } from './activation/announcements.ts';
import { registerLanguageModelTools } from './languageModelTools/registration.ts';
import { listFailedRunProblems } from './problems/failedRunProblems.ts';
import { createRunsView } from './runsView/runsView.ts';

export function activate(context: ExtensionContext): void {
  const services = createServices(context);
  const { panels, actions } = createProgressView(services);
  const view = createRunsView(services.store, services.discovery, context.workspaceState);
  context.subscriptions.push(
    panels,
    view,
    ...registerRunCommands(services, actions, view),
    ...registerLaunchCommands(services, panels),
    ...registerCudaCommands(services),
    ...registerMergeCommands(services),
    ...createConnectionsView(services),
    ...createPlayground(services),
    ...registerEvaluations(services),
    ...registerComparisons(services),
    ...registerConfigurationSupport(services),
    ...announceRuns(services, panels),
    ...registerLanguageModelTools(services),
    ...registerWalkthrough(services),
    ...registerExplorerMenus(services),
    listFailedRunProblems(services),
    followRuns(services),
  );
}
