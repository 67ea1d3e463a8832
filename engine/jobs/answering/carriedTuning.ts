/** Weights that are the base's, or what tuning made of them, and change from one to the other. */
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { applyChange, type TensorChange } from '../../merge/changes/tensorChange.ts';
import type { AnyWeights, ResidentModel } from '../../model/weights/anyWeights.ts';
import type { DeltaEntries } from '../../model/weights/modelWeights.ts';
import { loadModel } from '../../model/weights/modelLoading.ts';
import { tensorElements, tensorPlace } from '../../model/weights/tensorElements.ts';
import type { WeightStorage } from '../../protocol/configuration/configuration.ts';
import type { TuningChanges } from './tuningChanges.ts';
import { openFittingWeights, openWeights } from '../preparation/weightLoading.ts';

export interface TunedWeights {
  readonly weights: AnyWeights;
  /** Makes them tuned or the base's; the base's they are at first. */
  readonly tune: (isTuned: boolean) => void;
}

/**
 * @param checkpoint stays open until the weights are released
 * @param storage where the weights are to lie; by default as near as memory allows. Changes of whole parameters are made
 *   in memory, as float32, whatever is asked for
 */
export async function openTunedWeights(
  checkpoint: Checkpoint,
  changes: TuningChanges,
  storage?: WeightStorage,
): Promise<TunedWeights> {
  if (!changes.isCarried) {
    const weights = await loadModel(checkpoint);
    return { weights, tune: await exchanging(weights, changes) };
  }
  const weights = await (storage === undefined ? openFittingWeights(checkpoint) : openWeights(checkpoint, storage));
  return { weights, tune: await carrying(weights, changes) };
}

async function carrying(weights: AnyWeights, changes: TuningChanges): Promise<TunedWeights['tune']> {
  const entries: DeltaEntries[] = [];
  const parts: Float32Array[] = [];
  let size = 0;
  await changes.forEach((tensor, change) => {
    const place = tensorPlace(weights.config, tensor);
    if (change.kind !== 'entries' || place === undefined) throw new Error(`${tensor} cannot be carried`);
    const { layer, parameter, firstElement } = place;
    const positions = Uint32Array.from(change.entries.elements, (element) => firstElement + element);
    entries.push({ layer, parameter, positions, offset: size });
    parts.push(change.entries.deltas.slice());
    size += positions.length;
  });
  const tuned = new Float32Array(size);
  parts.forEach((part, index) => {
    tuned.set(part, entries[index]?.offset);
  });
  const effective = weights.carry(entries);
  const base = new Float32Array(size);
  let shown = false;
  return (isTuned) => {
    if (isTuned !== shown) effective.apply(isTuned ? tuned : base);
    shown = isTuned;
  };
}

/** Elements of one tensor, and what those at the positions are on the side that does not show. */
interface Exchange {
  readonly elements: Float32Array;
  /** Null for all. */
  readonly positions: Float64Array | null;
  readonly other: Float32Array;
}

/** The side that does not show is kept beside the weights, and changes places with what shows. */
async function exchanging(weights: ResidentModel, changes: TuningChanges): Promise<TunedWeights['tune']> {
  const exchanges: Exchange[] = [];
  await changes.forEach((tensor, change) => {
    exchanges.push(exchangeOf(tensorElements(weights, tensor), change));
  });
  let shown = false;
  return (isTuned) => {
    if (isTuned !== shown) exchanges.forEach(swap);
    shown = isTuned;
  };
}

function exchangeOf(elements: Float32Array, change: TensorChange): Exchange {
  if (change.kind !== 'entries') {
    const other = elements.slice();
    applyChange(change, other);
    return { elements, positions: null, other };
  }
  const positions = change.entries.elements.slice();
  const other = Float32Array.from(positions, (at, entry) => (elements[at] ?? 0) + (change.entries.deltas[entry] ?? 0));
  return { elements, positions, other };
}

function swap({ elements, positions, other }: Exchange): void {
  for (let i = 0; i < other.length; i++) {
    const at = positions === null ? i : (positions[i] ?? 0);
    const shown = elements[at] ?? 0;
    elements[at] = other[i] ?? 0;
    other[i] = shown;
  }
}
