/** Merges adapters into their base and checks the result by running it. */
import { resolve } from 'node:path';
import { readAdapterAbout } from '../../adapter/adapterAbout.ts';
import { CancelledError, ExpectedError } from '../../errors/expected.ts';
import { removeFolderAtomically } from '../../files/atomicFolder.ts';
import { mergeAdapters } from '../../merge/mergeAdapters.ts';
import type { MergeResult } from '../../protocol/rpc.ts';
import { resolveAdapterFolder } from '../../run/adapterLocation.ts';
import type { Job, MergeRequest } from '../contract.ts';
import { largestLogitDifference } from './mergeVerification.ts';
import { recordMerge } from './mergeEvent.ts';
import { modelCard } from './modelCard.ts';

/** @throws ExpectedError `merge/…`, `adapter/…`, `checkpoint/…`; nothing is left at the output then */
export const mergeJob: Job<MergeRequest, MergeResult> = async (request, observer, signal) => {
  const onProgress = observer.onProgress ?? ((): void => undefined);
  const adapters: string[] = [];
  for (const path of request.adapters) adapters.push(await resolveAdapterFolder(path));
  const [first] = adapters;
  if (first === undefined)
    throw new ExpectedError('merge/noAdapter', 'no adapter is named', 'Name a run or an adapter folder.');
  const base = request.base ?? (await readAdapterAbout(first)).base;
  const output = resolve(request.output);
  const report = await mergeAdapters({
    base,
    adapters,
    output,
    card: await modelCard(
      base,
      request.adapters.map((path, index) => ({ path: resolve(path), adapter: adapters[index] ?? path })),
    ),
    dtype: request.dtype,
    allowOtherBase: request.allowOtherBase,
    signal,
    onProgress: (done, total) => {
      onProgress({ phase: 'merging', done, total });
    },
  });
  const counts = { output, changedEntries: report.changed, lostDeltas: report.lost };
  if (!request.verify) return counts;
  onProgress({ phase: 'verifying', done: 0, total: 0 });
  const maxLogitDifference = await verified(base, adapters, output, signal);
  await recordMerge(request.adapters, { output, maxLogitDifference, lostDeltas: report.lost });
  return { ...counts, maxLogitDifference };
};

/** The largest difference of logits; what cannot be verified, or is not to be any more, is removed. */
async function verified(
  base: string,
  adapters: readonly string[],
  output: string,
  signal: AbortSignal,
): Promise<number> {
  try {
    if (signal.aborted) throw new CancelledError();
    return await largestLogitDifference(base, adapters, output);
  } catch (error) {
    await removeFolderAtomically(output);
    throw error;
  }
}
