/** Opens a checkpoint's weights to compute with, as wide and as near as memory allows. */
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import type { AnyWeights } from '../../model/weights/anyWeights.ts';
import { loadModel } from '../../model/weights/modelLoading.ts';
import { loadStoredWeights, streamWeights, weightSizes } from '../../model/weights/storedWeights.ts';
import type { WeightStorage } from '../../protocol/configuration.ts';
import { allocatableBytes } from '../../runtime/memory.ts';

/** Share of the free memory that weights may take where nothing else is known to need much. */
const FREE_SHARE = 0.7;

/**
 * Encoders are small, and lie in memory as float32 wherever a decoder's weights would lie.
 *
 * @param checkpoint stays open until the weights are released
 */
export function openWeights(checkpoint: Checkpoint, storage: WeightStorage): Promise<AnyWeights> {
  if (checkpoint.config.family === 'encoder') return loadModel(checkpoint);
  switch (storage) {
    case 'float32':
      return loadModel(checkpoint);
    case '16bit':
      return loadStoredWeights(checkpoint);
    case 'streamed':
      return streamWeights(checkpoint);
  }
}

/** The fastest storage of weights that leaves memory free, for computing without training. */
export function fittingStorage(checkpoint: Checkpoint, availableBytes = allocatableBytes()): WeightStorage {
  const { float32, stored } = weightSizes(checkpoint);
  const budget = availableBytes * FREE_SHARE;
  if (float32 <= budget) return 'float32';
  return stored <= budget ? '16bit' : 'streamed';
}
