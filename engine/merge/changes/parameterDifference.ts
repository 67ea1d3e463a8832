/** What turns one parameter into another, bit for bit by the rule of merging. */
import type { ParameterChange } from '../../adapter/changesAdapter.ts';
import type { PlacedTensor } from '../../checkpoint/tensorCheck.ts';
import { ExpectedError } from '../../errors/expected.ts';
import { isWeightDtype, type WeightDtype } from '../../selection/weightDtype.ts';
import { FLOAT_ACCESS, type FloatBits } from '../bits/floatAccess.ts';
import { mergedBits } from '../bits/mergedBits.ts';

/** From this share of changed entries on, the values of all take less room than positions, deltas and originals. */
const DENSE_SHARE = 0.4;

/**
 * Deltas at the entries that differ; all values where these take less room, or where the sum of base and delta does not
 * give the other's bits; undefined where nothing differs.
 *
 * @throws ExpectedError `difference/otherDtype` where the two have different types, or none that can be merged into
 */
export function parameterDifference(
  base: PlacedTensor,
  tuned: PlacedTensor,
  bytes: { readonly base: Uint8Array<ArrayBuffer>; readonly tuned: Uint8Array<ArrayBuffer> },
): ParameterChange | undefined {
  const dtype = sharedDtype(base, tuned);
  const { name, shape } = base.entry;
  const access = FLOAT_ACCESS[dtype];
  const [before, after] = [access.viewBits(bytes.base), access.viewBits(bytes.tuned)];
  const positions = differingPositions(before, after);
  if (positions.length === 0) return undefined;
  const deltas = Float32Array.from(positions, (at) => access.valueOf(after[at] ?? 0) - access.valueOf(before[at] ?? 0));
  const isExact = positions.every(
    (at, entry) => mergedBits(before[at] ?? 0, deltas[entry] ?? 0, access, access) === after[at],
  );
  if (!isExact || positions.length > DENSE_SHARE * before.length) {
    const values = new Float32Array(after.length);
    after.forEach((bits, at) => (values[at] = access.valueOf(bits)));
    return { kind: 'values', tensor: name, shape, values };
  }
  return {
    kind: 'entries',
    tensor: name,
    dtype,
    positions,
    deltas,
    originals: originalsAt(bytes.base, positions, access),
  };
}

function sharedDtype({ entry }: PlacedTensor, tuned: PlacedTensor): WeightDtype {
  if (isWeightDtype(entry.dtype) && tuned.entry.dtype === entry.dtype) return entry.dtype;
  throw new ExpectedError(
    'difference/otherDtype',
    `expected F32, F16 or BF16 as in the base (${entry.dtype}), found ${tuned.entry.dtype}`,
    'Convert both checkpoints to one type.',
    { file: tuned.file.path, tensor: entry.name },
  );
}

function differingPositions(before: FloatBits, after: FloatBits): Int32Array {
  let count = 0;
  for (let at = 0; at < before.length; at += 1) if (before[at] !== after[at]) count += 1;
  const positions = new Int32Array(count);
  for (let at = 0, found = 0; found < count; at += 1) {
    if (before[at] === after[at]) continue;
    positions[found] = at;
    found += 1;
  }
  return positions;
}

function originalsAt(
  bytes: Uint8Array,
  positions: Int32Array,
  { sizeBytes }: { readonly sizeBytes: number },
): Uint8Array<ArrayBuffer> {
  const originals = new Uint8Array(positions.length * sizeBytes);
  positions.forEach((position, entry) => {
    originals.set(bytes.subarray(position * sizeBytes, (position + 1) * sizeBytes), entry * sizeBytes);
  });
  return originals;
}
