/** `neuroada merge` and `neuroada unmerge`: adapters into a checkpoint and out of it again. */
import { resolve } from 'node:path';
import type { MergeResult } from '../../protocol/rpc.ts';
import { resolveAdapterFolder } from '../../run/adapterLocation.ts';
import { execute, type Execution } from '../execution.ts';
import { loadJob } from '../jobs.ts';
import { counted, countText, shareText, smallText } from '../quantities.ts';

export interface MergeOptions {
  readonly output: string;
  readonly dtype: 'base' | 'f32';
  readonly base?: string;
  readonly allowOtherBase?: boolean;
  readonly verify: boolean;
}

export interface UnmergeOptions {
  readonly adapter: readonly string[];
  readonly output: string;
}

export function merge(execution: Execution, paths: readonly string[], options: MergeOptions): Promise<number> {
  return execute(execution, async ({ observer, signal }) => {
    const adapters = await Promise.all(paths.map(resolveAdapterFolder));
    const mergeJob = await loadJob('merge');
    const request = {
      adapters,
      ...(options.base === undefined ? {} : { base: resolve(options.base) }),
      output: resolve(options.output),
      dtype: options.dtype === 'f32' ? 'F32' : 'base',
      allowOtherBase: options.allowOtherBase === true,
      verify: options.verify,
    } as const;
    const result = await mergeJob(request, observer, signal);
    return { value: result, lines: mergeLines(result) };
  });
}

export function unmerge(execution: Execution, merged: string, options: UnmergeOptions): Promise<number> {
  return execute(execution, async ({ observer, signal }) => {
    const adapters = await Promise.all(options.adapter.map(resolveAdapterFolder));
    const unmergeJob = await loadJob('unmerge');
    const request = { merged: resolve(merged), adapters, output: resolve(options.output) };
    const result = await unmergeJob(request, observer, signal);
    const exactness = result.isExact
      ? 'The result is the base, byte for byte.'
      : 'The result is not known to be the base byte for byte.';
    const lines = [`Restored ${counted(result.restoredEntries, 'weight')}. ${exactness}`, `Base:  ${result.output}`];
    return { value: result, lines };
  });
}

function mergeLines({ output, changedEntries, lostDeltas, maxLogitDifference }: MergeResult): readonly string[] {
  const lostShare = lostDeltas === 0 ? '' : `, ${shareText(lostDeltas / (changedEntries + lostDeltas))}`;
  const verification =
    maxLogitDifference === undefined
      ? 'Not verified, as asked.'
      : `Verified: logits differ from base + adapter by at most ${smallText(maxLogitDifference)}.`;
  return [
    `Merged: ${counted(changedEntries, 'weight')} changed, ${countText(lostDeltas)} deltas lost to rounding${lostShare}.`,
    verification,
    `Model:  ${output}`,
  ];
}
