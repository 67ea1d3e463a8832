/** What a path can be asked as: a tuned model beside its base, or a checkpoint alone. */
import { access } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { PlaygroundModel } from '../../engine/protocol/answers/playground.ts';
import { ADAPTER_FILES, RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';

/** Undefined where there is no model at the path. */
export async function playgroundModel(path: string): Promise<PlaygroundModel | undefined> {
  const folder =
    basename(path) === ADAPTER_FILES.model || basename(path) === ADAPTER_FILES.config ? dirname(path) : path;
  const name = basename(folder);
  const both = { path: folder, sides: ['base', 'tuned'] } as const;
  if (name === RUN_FILES.adapter && (await exists(join(dirname(folder), RUN_FILES.record)))) {
    return { ...both, path: dirname(folder), name: basename(dirname(folder)) };
  }
  if (await exists(join(folder, RUN_FILES.record))) return { ...both, name };
  if (await exists(join(folder, ADAPTER_FILES.config))) return { ...both, name };
  if (basename(dirname(folder)) === RUN_FILES.checkpoints) {
    return { ...both, name: `${basename(dirname(dirname(folder)))}, ${name}` };
  }
  return (await exists(join(folder, 'config.json'))) ? { path: folder, name, sides: ['base'] } : undefined;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
