/** Commands that start runs: from the steps, and from a configuration file. */
import type { Disposable } from 'vscode';
import { checkData } from '../configuration/dataCheck.ts';
import { estimateConfiguration, startFromConfiguration } from '../launch/startFromConfiguration.ts';
import { showDevices } from '../launch/showDevices.ts';
import { startTraining, type Launch } from '../launch/startTraining.ts';
import type { ProgressPanels } from '../progressView/progressPanels.ts';
import { registerCommands } from './commandRegistry.ts';
import type { Services } from './services.ts';

export function registerLaunchCommands(services: Services, panels: ProgressPanels): Disposable[] {
  const launch: Launch = {
    ...services,
    state: services.context.workspaceState,
    showRun: (folder) => {
      panels.open([folder]);
    },
  };
  return registerCommands(services.errors, {
    'neuroada.startTraining': (target) => startTraining(launch, target),
    'neuroada.startFromConfiguration': (target) => startFromConfiguration(launch, target),
    'neuroada.checkData': (target) => checkData(services.jobs, services.problems, target),
    'neuroada.showDevices': () => showDevices(launch),
    'neuroada.estimate': (target) => estimateConfiguration(launch, target),
  });
}
