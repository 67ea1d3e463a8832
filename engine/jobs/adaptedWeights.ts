/** A base checkpoint's weights with adapters applied as they are computed with, without merging. */
import { readAdapter } from '../adapter/adapter.ts';
import { openCheckpoint } from '../checkpoint/checkpoint.ts';
import { requireDecoder } from '../checkpoint/modelConfig.ts';
import type { DecoderWeights } from '../model/decoderWeights.ts';
import type { WeightStorage } from '../protocol/configuration.ts';
import { deltaLayout } from '../training/deltaLayout.ts';
import { effectiveWeights } from '../training/effectiveWeights.ts';
import { fittingStorage, openWeights } from './weightLoading.ts';

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
    const config = requireDecoder(checkpoint.config, base, 'this computation');
    const weights = await openWeights(checkpoint, storage ?? fittingStorage(checkpoint));
    for (const folder of adapters) {
      const { modules } = await readAdapter(folder, checkpoint.config);
      const layout = deltaLayout(config, modules);
      const deltas = new Float32Array(layout.size);
      const byModule = new Map(modules.map((module) => [module.module, module.deltas]));
      for (const projection of layout.projections) {
        for (const { selection, offset } of projection.modules) {
          deltas.set(byModule.get(selection.module) ?? [], offset);
        }
      }
      effectiveWeights(weights, layout).apply(deltas);
    }
    return await use(weights).finally(() => weights.release());
  } finally {
    await checkpoint.close();
  }
}
