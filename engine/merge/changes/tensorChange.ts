/** What adapters change in one tensor of the checkpoint, whatever their format. */
import type { EntryParameterChange } from '../../adapter/changesAdapter.ts';
import { FLOAT_ACCESS } from '../bits/floatAccess.ts';
import { joinEntries, type ModuleEntries } from './moduleEntries.ts';

export type TensorChange =
  /** Deltas at some elements. */
  | { readonly kind: 'entries'; readonly entries: ModuleEntries }
  /** A delta for every element. */
  | { readonly kind: 'sum'; readonly deltas: Float32Array }
  /** Other values. */
  | { readonly kind: 'values'; readonly values: Float32Array };

/** Entries as an adapter stores them. */
export function entryChange({ dtype, positions, deltas, originals }: EntryParameterChange): TensorChange {
  const bits = FLOAT_ACCESS[dtype].viewBits(originals);
  return {
    kind: 'entries',
    entries: { dtype, elements: Float64Array.from(positions), deltas, originals: bits, conflicts: 0 },
  };
}

/** Both changes together; undefined where one of them replaces what the other adds to. */
export function joinChanges(first: TensorChange, second: TensorChange): TensorChange | undefined {
  if (first.kind === 'values' || second.kind === 'values') return undefined;
  if (first.kind === 'entries' && second.kind === 'entries') {
    return { kind: 'entries', entries: joinEntries(first.entries, second.entries) };
  }
  const [dense, other] = first.kind === 'sum' ? [first, second] : [second as typeof first & { kind: 'sum' }, first];
  const deltas = dense.deltas.slice();
  if (other.kind === 'sum') other.deltas.forEach((delta, element) => (deltas[element]! += delta));
  else other.entries.elements.forEach((element, entry) => (deltas[element]! += other.entries.deltas[entry]!));
  return { kind: 'sum', deltas };
}

/** Makes the change in float32 elements. */
export function applyChange(change: TensorChange, elements: Float32Array): void {
  switch (change.kind) {
    case 'values':
      elements.set(change.values);
      return;
    case 'sum':
      change.deltas.forEach((delta, element) => (elements[element]! += delta));
      return;
    case 'entries':
      change.entries.elements.forEach((element, entry) => (elements[element]! += change.entries.deltas[entry]!));
  }
}
