/** The extension's entry: makes the shared services and hands them to each concern, which registers what it shows. */
import type { ExtensionContext } from 'vscode';
import { registerConfigurationSupport } from './activation/configurationSupport.ts';
import { registerLaunchCommands } from './activation/launchCommands.ts';
import { registerMergeCommands } from './activation/mergeCommands.ts';
import { createProgressView } from './activation/progressView.ts';
import { registerRunCommands } from './activation/runCommands.ts';
import { followRuns } from './activation/runFollowing.ts';
import { createServices } from './activation/services.ts';
import { registerWalkthrough } from './activation/walkthrough.ts';
import { announceRuns } from './activation/announcements.ts';
import { registerLanguageModelTools } from './languageModelTools/registration.ts';
import { createRunsView } from './runsView/runsView.ts';

export function activate(context: ExtensionContext): void {
  const services = createServices(context);
  const { panels, actions } = createProgressView(services);
  context.subscriptions.push(
    panels,
    ...createRunsView(services.store, services.discovery, context.workspaceState),
    ...registerRunCommands(services, actions),
    ...registerLaunchCommands(services, panels),
    ...registerMergeCommands(services),
    ...registerConfigurationSupport(services),
    ...announceRuns(services, panels),
    ...registerLanguageModelTools(services),
    ...registerWalkthrough(services),
    followRuns(services),
  );
}
