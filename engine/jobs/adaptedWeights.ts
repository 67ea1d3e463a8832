/** A base checkpoint's weights with adapters applied in memory, without merging. */
import { readAdapter } from '../adapter/adapter.ts';
import { openCheckpoint } from '../checkpoint/checkpoint.ts';
import type { DecoderWeights } from '../model/decoderWeights.ts';
import { loadWeights } from '../model/residentWeights.ts';
import { deltaLayout } from '../training/deltaLayout.ts';
import { effectiveWeights } from '../training/effectiveWeights.ts';

/** @param adapters folders, applied in this order; deltas at the same entry add up */
export async function loadAdaptedWeights(base: string, adapters: readonly string[]): Promise<DecoderWeights> {
  const checkpoint = await openCheckpoint(base);
  try {
    const weights = await loadWeights(checkpoint);
    for (const folder of adapters) {
      const { modules } = await readAdapter(folder, checkpoint.config);
      const layout = deltaLayout(checkpoint.config, modules);
      const deltas = new Float32Array(layout.size);
      const byModule = new Map(modules.map((module) => [module.module, module.deltas]));
      for (const projection of layout.projections) {
        for (const { selection, offset } of projection.modules) {
          deltas.set(byModule.get(selection.module) ?? [], offset);
        }
      }
      effectiveWeights(weights, layout).apply(deltas);
    }
    return weights;
  } finally {
    await checkpoint.close();
  }
}
