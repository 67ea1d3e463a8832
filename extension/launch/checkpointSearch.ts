/** Checkpoints and data files of the workspace: what the launch steps offer without browsing. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { workspace } from 'vscode';

export interface FoundCheckpoint {
  /** Absolute. */
  readonly folder: string;
  readonly modelType: string;
  /** Size of the weights. */
  readonly sizeBytes: number;
}

const EXCLUDED = '**/{node_modules,.git,checkpoints,adapter,tensorboard}/**';
const LIMIT = 500;

/** Folders with a model's config.json and *.safetensors. */
export async function findCheckpoints(): Promise<FoundCheckpoint[]> {
  const files = await workspace.findFiles('**/config.json', EXCLUDED, LIMIT);
  const found = await Promise.all(files.map((file) => readCheckpoint(dirname(file.fsPath))));
  return found.filter((checkpoint) => checkpoint !== undefined).sort((a, b) => (a.folder < b.folder ? -1 : 1));
}

/** Undefined where the folder is no checkpoint. */
export async function readCheckpoint(folder: string): Promise<FoundCheckpoint | undefined> {
  try {
    const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as { model_type?: unknown };
    const weights = (await readdir(folder)).filter((name) => name.endsWith('.safetensors'));
    if (typeof config.model_type !== 'string' || weights.length === 0) return undefined;
    const sizes = await Promise.all(weights.map(async (name) => (await stat(join(folder, name))).size));
    return { folder, modelType: config.model_type, sizeBytes: sizes.reduce((sum, size) => sum + size, 0) };
  } catch {
    return undefined;
  }
}
