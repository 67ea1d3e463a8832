/** "Open the Sample Workspace": a copy of the embedded sample in the user's home, so that runs and merges have a place of their own. */
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { commands, Uri, workspace, type Memento } from 'vscode';

const FOLDER_NAME = 'neuroada-sample';
/** What tells the sample from another folder of the same name. */
const SAMPLE_FILE = 'support.neuroada.json';
const LEFT_OUT = new Set(['recipe', 'runs']);
const WALKTHROUGH = 'neuroada.neuroada#firstRun';
/** The sample folder in which the walkthrough goes on after the window has reloaded. */
const CONTINUE_IN = 'neuroada.walkthrough.continueIn';

/** Copies the sample unless it is there already, and opens it: in this window where that shows no folder. */
export async function openSampleWorkspace(extensionFolder: string, machineState: Memento): Promise<void> {
  const folder = await sampleFolder(join(extensionFolder, 'media', 'sample'));
  await machineState.update(CONTINUE_IN, folder);
  const forceNewWindow = workspace.workspaceFolders !== undefined;
  await commands.executeCommand('vscode.openFolder', Uri.file(folder), { forceNewWindow });
}

/** Shows the walkthrough again in the window that was opened from it. */
export async function continueWalkthrough(machineState: Memento): Promise<void> {
  const folder = machineState.get<string>(CONTINUE_IN);
  if (folder === undefined || workspace.workspaceFolders?.[0]?.uri.fsPath !== folder) return;
  await machineState.update(CONTINUE_IN, undefined);
  await commands.executeCommand('workbench.action.openWalkthrough', WALKTHROUGH, false);
}

/** An existing copy, else a new one that appears whole. */
async function sampleFolder(source: string): Promise<string> {
  const home = join(homedir(), FOLDER_NAME);
  for (let number = 1; ; number++) {
    const folder = number === 1 ? home : `${home}-${number}`;
    if (existsSync(join(folder, SAMPLE_FILE))) return folder;
    if (!existsSync(folder)) return copySample(source, folder);
  }
}

async function copySample(source: string, folder: string): Promise<string> {
  const partial = await mkdtemp(join(dirname(folder), `.${FOLDER_NAME}-`));
  try {
    await cp(source, partial, { recursive: true, filter: (path) => !isLeftOut(source, path) });
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

function isLeftOut(source: string, path: string): boolean {
  return LEFT_OUT.has(path.slice(source.length + 1));
}
