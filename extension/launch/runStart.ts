/** Starts a configured run: its folder, its device, its place in the queue, and its progress view. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Memento } from 'vscode';
import type { RunConfiguration } from '../../engine/protocol/configuration/configuration.ts';
import type { DevicesResult } from '../../engine/protocol/rpc.ts';
import type { RunLauncher } from '../queue/runLauncher.ts';
import type { RunDiscovery } from '../runs/runDiscovery.ts';
import { freeName } from './freeName.ts';
import { runFolderName } from './runFolderName.ts';

const RECOMMENDED_DEVICE = 'neuroada.recommendedDevice';

export interface RunStart {
  /** Starts a run and returns its folder; a name that is taken gets a number. */
  start(configuration: RunConfiguration, options: { name: string; runsFolder: string }): Promise<string>;
  resume(runFolder: string, configuration: RunConfiguration, hasRecord: boolean): Promise<void>;
  /** Remembers what `auto` stands for on this machine. */
  noteDevices(devices: DevicesResult): Promise<void>;
}

/**
 * @param takenNames names of the runs that there are
 * @param machineState kept for all workspaces
 */
export function createRunStart(
  launcher: RunLauncher,
  discovery: RunDiscovery,
  takenNames: () => readonly string[],
  machineState: Memento,
): RunStart {
  const deviceOf = ({ engine }: RunConfiguration): string =>
    engine.device === 'auto' ? machineState.get(RECOMMENDED_DEVICE, 'cpu') : engine.device;
  return {
    async start(configuration, { name: wanted, runsFolder }) {
      const name = freeName(wanted, takenNames());
      const runFolder = configuration.output ?? freeFolder(runsFolder, name);
      await launcher.launch({
        name,
        configuration: { ...configuration, name },
        runFolder,
        device: deviceOf(configuration),
      });
      await discovery.add(runFolder);
      return runFolder;
    },
    async resume(runFolder, configuration, hasRecord) {
      await launcher.resume(runFolder, deviceOf(configuration), hasRecord);
      await discovery.add(runFolder);
    },
    async noteDevices({ recommended }) {
      await machineState.update(RECOMMENDED_DEVICE, recommended);
    },
  };
}

function freeFolder(runsFolder: string, name: string): string {
  const folder = join(runsFolder, runFolderName(name, new Date()));
  for (let number = 2; ; number++) {
    const candidate = number === 2 ? folder : `${folder}-${number - 1}`;
    if (!existsSync(candidate)) return candidate;
  }
}
