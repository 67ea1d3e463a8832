/** Opens a checkpoint's weights to compute with, as wide and as near as memory allows. */
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import type { AnyWeights } from '../../model/weights/anyWeights.ts';
import { loadModel } from '../../model/weights/modelLoading.ts';
import { TABLE_BLOCK_BYTES } from '../../model/weights/storedTable.ts';
import { loadStoredWeights, streamWeights, weightSizes } from '../../model/weights/storedWeights.ts';
import type { WeightStorage } from '../../protocol/configuration/configuration.ts';
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

/**
 * Opens the weights in the fastest storage that leaves memory free. Whoever generates asks for every layer with every
 * token, so of weights in 16 bits as many layers are kept float32 as there is room for.
 *
 * @param checkpoint stays open until the weights are released
 */
export function openFittingWeights(checkpoint: Checkpoint, availableBytes = allocatableBytes()): Promise<AnyWeights> {
  const storage = fittingStorage(checkpoint, availableBytes);
  if (storage !== '16bit' || checkpoint.config.family === 'encoder') return openWeights(checkpoint, storage);
  return loadStoredWeights(checkpoint, wideLayers(checkpoint, availableBytes));
}

/** Layers that can be float32 beside the others in 16 bits, one of those widened, and a block of the embedding. */
export function wideLayers(checkpoint: Checkpoint, availableBytes: number): number {
  const { stored, layer } = weightSizes(checkpoint);
  const free = availableBytes * FREE_SHARE - stored - layer.float32 - TABLE_BLOCK_BYTES;
  const growth = layer.float32 - layer.stored;
  if (free <= 0 || growth <= 0) return 0;
  return Math.min(checkpoint.config.layerCount, Math.floor(free / growth));
}
