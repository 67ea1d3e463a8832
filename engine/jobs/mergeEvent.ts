/** Tells the log of each merged run where its adapter went. */
import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { MergedEvent } from '../protocol/events.ts';
import { RUN_FILES } from '../protocol/runFolder.ts';
import { openRun } from '../run/runSession.ts';

/** @param paths what was merged, as it was named: only those that belong to a run have a log */
export async function recordMerge(paths: readonly string[], merged: Omit<MergedEvent, 'type' | 'time'>): Promise<void> {
  for (const path of paths) {
    const folder = await runFolderOf(resolve(path));
    if (folder === undefined) continue;
    const session = await openRun(folder);
    session.append({ type: 'merged', ...merged });
    await session.close();
  }
}

/** The run that a path lies in: itself, its parent, or the parent of that. */
async function runFolderOf(path: string): Promise<string | undefined> {
  for (const folder of [path, dirname(path), dirname(dirname(path))]) {
    const isRun = await access(join(folder, RUN_FILES.record)).then(
      () => true,
      () => false,
    );
    if (isRun) return folder;
  }
  return undefined;
}
