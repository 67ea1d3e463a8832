/** The walkthrough's own command, and its continuation in the window that it opened. */
import type { Disposable } from 'vscode';
import { continueWalkthrough, openSampleWorkspace } from '../walkthrough/sampleWorkspace.ts';
import { registerCommands } from './commandRegistry.ts';
import type { Services } from './services.ts';

export function registerWalkthrough({ context, errors }: Services): Disposable[] {
  void errors.guard(() => continueWalkthrough(context.globalState));
  return registerCommands(errors, {
    'neuroada.openSample': () => openSampleWorkspace(context.extensionPath, context.globalState),
  });
}
