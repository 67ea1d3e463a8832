/** The faults of a matrix for which a merge or unmerge is given up. */
import { ExpectedError } from '../errors/expected.ts';
import type { PatchTarget } from './patches/filePatcher.ts';
import type { ModuleEntries } from './changes/moduleEntries.ts';
import type { PatchCounts } from './patches/tensorPatch.ts';

const OTHER_BASE_FIX = 'Name the base that it was trained on, or allow another base explicitly.';

/** @throws ExpectedError `merge/otherBase` where the base's weights are not those that the adapter was trained on */
export function refuseOtherWeights(file: string, { entry }: PatchTarget, { unexpected, entries }: PatchCounts): void {
  if (unexpected === 0) return;
  const problem = `${unexpected} of ${entries} selected weights differ from those that the adapter was trained on`;
  throw new ExpectedError('merge/otherBase', problem, OTHER_BASE_FIX, { file, tensor: entry.name });
}

/** @throws ExpectedError `merge/otherBase` where the weights are of another type than those of the adapter's base */
export function refuseOtherDtype(file: string, { entry }: PatchTarget, { dtype }: ModuleEntries): void {
  if (entry.dtype === dtype) return;
  const problem = `the weights are of type ${entry.dtype}, the adapter was trained on ${dtype}`;
  const fix = 'Name the base that it was trained on, in its own type.';
  throw new ExpectedError('merge/otherBase', problem, fix, { file, tensor: entry.name });
}

/** @throws ExpectedError `merge/overflow` where sums are too large for the merged type */
export function refuseOverflows(file: string, { entry }: PatchTarget, { overflows }: PatchCounts): void {
  if (overflows === 0) return;
  const problem = `${overflows} merged weights are too large for the type ${entry.dtype}`;
  const fix = 'Merge to F32, or train again with a smaller learning rate.';
  throw new ExpectedError('merge/overflow', problem, fix, { file, tensor: entry.name });
}

/** @throws ExpectedError `merge/unsupportedDtype` where the base's weights are no floats that can be merged into */
export function refuseUnsupportedDtype(file: string, { entry }: PatchTarget): never {
  const problem = `expected weights of type F32, F16 or BF16, found ${entry.dtype}`;
  const fix = 'Convert the base to one of these types.';
  throw new ExpectedError('merge/unsupportedDtype', problem, fix, { file, tensor: entry.name });
}
