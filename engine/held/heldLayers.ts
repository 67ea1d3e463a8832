/** A model's layers as sessions that hold their weights, each for both directions. */
import { releaseAll } from '../inference/forwardPass.ts';
import type { ExecutionOptions } from '../inference/graphSession.ts';
import { layerBackward, layerForward } from '../model/layerGraphs.ts';
import type { DecoderWeights } from '../model/weights/decoderWeights.ts';
import type { DeltaLayout } from '../training/layouts/deltaLayout.ts';
import { createBranchedSession, type BranchedSession } from './heldSession.ts';

/**
 * The first computation of each session is `layerForward`, the second `layerBackward`, both with deltas as inputs.
 *
 * @param weights read layer by layer, and not afterwards
 */
export async function createHeldLayers(
  weights: DecoderWeights,
  layout: DeltaLayout,
  options: ExecutionOptions,
): Promise<readonly BranchedSession[]> {
  const { config } = weights;
  const sessions: BranchedSession[] = [];
  try {
    for (let layer = 0; layer < config.layerCount; layer++) {
      const training = layout.layers[layer] ?? {};
      const frozen = { weights: 'frozen', attention: options.attention } as const;
      const directions = [
        layerForward(config, training, 'none', frozen),
        layerBackward(config, training, 'none', frozen),
      ] as const;
      const parameters = await weights.layer(layer, layer + 1 < config.layerCount ? layer + 1 : undefined);
      sessions.push(await createBranchedSession(`layer ${String(layer)}`, directions, parameters, options));
    }
  } catch (error) {
    await releaseAll(sessions.map(({ first }) => first));
    throw error;
  }
  return sessions;
}
