/** A model's layers as sessions that hold their weights, each for both directions. */
import { releaseAll } from '../inference/forwardPass.ts';
import type { ExecutionOptions } from '../inference/graphSession.ts';
import { layerBackward, layerForward } from '../model/layerGraphs.ts';
import type { DecoderWeights } from '../model/weights/decoderWeights.ts';
import type { RuntimeOptions } from '../runtime/session.ts';
import type { DeltaLayout } from '../training/layouts/deltaLayout.ts';
import { createBranchedSession, type BranchedSession } from './heldSession.ts';

/** What the session of a layer may be created with. */
export type HeldOptions = ExecutionOptions & Pick<RuntimeOptions, 'profilePath'>;

/** The session's first computation is `layerForward`, the second `layerBackward`, both with deltas as inputs. */
export async function createHeldLayer(
  weights: DecoderWeights,
  layout: DeltaLayout,
  layer: number,
  options: HeldOptions,
): Promise<BranchedSession> {
  const { config } = weights;
  const training = layout.layers[layer] ?? {};
  const frozen = { weights: 'frozen', attention: options.attention } as const;
  const directions = [
    layerForward(config, training, 'none', frozen),
    layerBackward(config, training, 'none', frozen),
  ] as const;
  const parameters = await weights.layer(layer, layer + 1 < config.layerCount ? layer + 1 : undefined);
  return createBranchedSession(`layer ${String(layer)}`, directions, parameters, options);
}

/** @param weights read layer by layer, and not afterwards */
export async function createHeldLayers(
  weights: DecoderWeights,
  layout: DeltaLayout,
  options: ExecutionOptions,
): Promise<readonly BranchedSession[]> {
  const sessions: BranchedSession[] = [];
  try {
    for (let layer = 0; layer < weights.config.layerCount; layer++) {
      sessions.push(await createHeldLayer(weights, layout, layer, options));
    }
  } catch (error) {
    await releaseAll(sessions.map(({ first }) => first));
    throw error;
  }
  return sessions;
}
