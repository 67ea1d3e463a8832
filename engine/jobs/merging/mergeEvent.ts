/** Tells the log of each merged run where its adapter went. */
import { resolve } from 'node:path';
import type { MergedEvent } from '../../protocol/runs/events.ts';
import { runFolderOf } from '../../run/adapterLocation.ts';
import { openRun } from '../../run/runSession.ts';

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
