/** Generation beside a device that trains: the CPU generates, so weights and trained values are brought to the host. */
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { createDecoder, type Decoder } from '../../inference/decoder.ts';
import { releaseAll } from '../../inference/forwardPass.ts';
import { decoderOnly } from '../../model/weights/anyWeights.ts';
import type { TrainableLayout } from '../../training/layouts/trainableLayout.ts';
import { effectiveWeights } from '../../training/plans/effectiveWeights.ts';
import { openFittingWeights } from './weightLoading.ts';

/**
 * @param checkpoint stays open until the decoder is released, which releases its weights as well
 * @param values deltas of the layout, applied once
 */
export async function openHostDecoder(
  checkpoint: Checkpoint,
  layout: TrainableLayout,
  values: Float32Array,
  threads: number,
): Promise<Decoder> {
  const weights = await openFittingWeights(checkpoint);
  effectiveWeights(weights, layout).apply(values);
  const decoder = await createDecoder(decoderOnly(weights, checkpoint.folder, 'generation'), { threads });
  return { ...decoder, release: () => releaseAll([decoder, weights]) };
}
