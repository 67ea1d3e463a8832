/** A base checkpoint's weights with adapters applied as they are computed with, without merging. */
import { openCheckpoint } from '../../checkpoint/checkpoint.ts';
import type { AnyWeights } from '../../model/weights/anyWeights.ts';
import type { WeightStorage } from '../../protocol/configuration/configuration.ts';
import { openTunedWeights } from './carriedTuning.ts';
import { labelledByAdapters } from './tunedLabels.ts';
import { changesOfAdapter, type TuningChanges } from './tuningChanges.ts';

/**
 * Hands `use` the weights, which are released afterwards.
 *
 * @param adapters folders, applied in this order; deltas at the same entry add up
 * @param storage where the weights lie; by default as near as memory allows
 */
export async function withAdaptedWeights<T>(
  base: string,
  adapters: readonly string[],
  use: (weights: AnyWeights) => Promise<T>,
  storage?: WeightStorage,
): Promise<T> {
  const opened = await openCheckpoint(base);
  try {
    const checkpoint = await labelledByAdapters(opened, adapters);
    const changes = await Promise.all(adapters.map((folder) => changesOfAdapter(folder, checkpoint)));
    const { weights, tune } = await openTunedWeights(checkpoint, joined(changes), storage);
    tune(true);
    return await use(weights).finally(() => weights.release());
  } finally {
    await opened.close();
  }
}

function joined(changes: readonly TuningChanges[]): TuningChanges {
  return {
    isCarried: changes.every(({ isCarried }) => isCarried),
    async forEach(use) {
      for (const { forEach } of changes) await forEach(use);
    },
  };
}
