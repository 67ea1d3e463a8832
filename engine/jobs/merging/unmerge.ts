/** Restores the base from a merged checkpoint and the adapters that were merged into it. */
import { resolve } from 'node:path';
import { unmerge } from '../../merge/unmerge.ts';
import { resolveAdapterFolder } from '../../run/adapterLocation.ts';
import type { Job, UnmergeRequest, UnmergeResult } from '../contract.ts';

/** @throws ExpectedError `merge/…`, `adapter/…`, `checkpoint/…`; nothing is left at the output then */
export const unmergeJob: Job<UnmergeRequest, UnmergeResult> = async (
  { merged, adapters, output },
  observer,
  signal,
) => {
  const { restoredEntries, isExact } = await unmerge({
    merged: resolve(merged),
    adapters: await Promise.all(adapters.map(resolveAdapterFolder)),
    output: resolve(output),
    allowChanged: false,
    signal,
    onProgress: (done, total) => observer.onProgress?.({ phase: 'restoring', done, total }),
  });
  return { output: resolve(output), restoredEntries, isExact };
};
