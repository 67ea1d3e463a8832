/** A base checkpoint's weights with adapters applied as they are computed with, without merging. */
import { openCheckpoint } from '../checkpoint/checkpoint.ts';
import type { DecoderWeights } from '../model/decoderWeights.ts';
import type { WeightStorage } from '../protocol/configuration.ts';
import { openTunedWeights } from './carriedTuning.ts';
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
  use: (weights: DecoderWeights) => Promise<T>,
  storage?: WeightStorage,
): Promise<T> {
  const checkpoint = await openCheckpoint(base);
  try {
    const changes = await Promise.all(adapters.map((folder) => changesOfAdapter(folder, checkpoint)));
    const { weights, tune } = await openTunedWeights(checkpoint, joined(changes), storage);
    tune(true);
    return await use(weights).finally(() => weights.release());
  } finally {
    await checkpoint.close();
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
