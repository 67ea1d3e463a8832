/** Finds the model that a path means: the base checkpoint, what adapts it, and the run that it belongs to. */
import { access } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { readAdapterAbout } from '../../adapter/adapterAbout.ts';
import type { ModelReference } from '../../protocol/answers/generation.ts';
import { ADAPTER_FILES, RUN_FILES, type Fingerprint } from '../../protocol/runs/runFolder.ts';
import { resolveAdapterFolder } from '../../run/adapterLocation.ts';
import { readRunRecord } from '../../run/runRecord.ts';

export interface ModelLocation {
  /** The base checkpoint's folder. */
  readonly base: string;
  /** What adapts it; undefined where the path is a checkpoint itself. */
  readonly tuning: Tuning | undefined;
  /** The run that the path is or lies in. */
  readonly runFolder: string | undefined;
}

export interface Tuning {
  /** An adapter folder, or the folder of a run's own checkpoint, whose deltas are those of that step. */
  readonly kind: 'adapter' | 'trainingCheckpoint';
  readonly folder: string;
  /** The base that it was trained on; undefined where the adapter does not say. */
  readonly baseFingerprint: Fingerprint | undefined;
}

/** @throws ExpectedError `run/noAdapter`, `run/unfinished`, and what is wrong with the run's or adapter's files */
export async function locateModel({ model, base }: ModelReference): Promise<ModelLocation> {
  const path = resolve(model);
  const runFolder = await runFolderOf(path);
  if (runFolder !== undefined && basename(dirname(path)) === RUN_FILES.checkpoints) {
    const record = await readRunRecord(runFolder);
    const tuning = { kind: 'trainingCheckpoint', folder: path, baseFingerprint: record.base.fingerprint } as const;
    return { base: resolve(base ?? record.base.path), tuning, runFolder };
  }
  if (await isCheckpoint(path)) return { base: path, tuning: undefined, runFolder: undefined };
  const folder = await resolveAdapterFolder(path);
  const about = await readAdapterAbout(folder);
  const tuning = { kind: 'adapter', folder, baseFingerprint: about.baseFingerprint } as const;
  return { base: resolve(base ?? about.base), tuning, runFolder };
}

/** A checkpoint has its configuration beside no adapter's. */
async function isCheckpoint(path: string): Promise<boolean> {
  const [hasModel, hasAdapter] = await Promise.all(
    ['config.json', ADAPTER_FILES.config].map((name) => exists(join(path, name))),
  );
  return hasModel === true && hasAdapter !== true;
}

/** The run that a path is, or lies in at most two levels deep. */
async function runFolderOf(path: string): Promise<string | undefined> {
  for (const folder of [path, dirname(path), dirname(dirname(path))]) {
    if (await exists(join(folder, RUN_FILES.record))) return folder;
  }
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
