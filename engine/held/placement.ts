/**
 * Where the runtime computes the operators of a layer: a provider may leave some of them to the CPU, which costs a way there
 * and back. The runtime tells it in the profile of a run.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { ExecutionOptions } from '../inference/graphSession.ts';
import { SharedFeedSource } from '../inference/sharedFeeds.ts';
import { LAYER_NAMES } from '../model/layerGraphs.ts';
import type { DecoderWeights } from '../model/weights/decoderWeights.ts';
import { float32Tensor } from '../runtime/tensor.ts';
import type { DeltaLayout } from '../training/layouts/deltaLayout.ts';
import { FedDeltas } from './fedDeltas.ts';
import { createHeldLayer } from './heldLayers.ts';

const TOKENS = 16;
const CPU_PROVIDER = 'CPUExecutionProvider';

/** The part of a profile that is read: one event for each operator that ran. */
const profileSchema = z.array(
  z.object({
    args: z
      .object({
        op_name: z.string().optional(),
        provider: z.string().optional(),
        output_type_shape: z.array(z.record(z.string(), z.array(z.number()))).optional(),
      })
      .optional(),
  }),
);

/**
 * Types of the operators of one layer, forward and backward, that the CPU computes. Bookkeeping belongs there: it has
 * integers, or fewer float32 elements than a token's hidden state.
 */
export async function operatorsOnCpu(
  weights: DecoderWeights,
  layout: DeltaLayout,
  options: ExecutionOptions,
): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'neuroada-profile-'));
  try {
    await runOnce(weights, layout, { ...options, profilePath: join(folder, 'layer') });
    const [file] = await readdir(folder);
    if (file === undefined) throw new Error('the runtime wrote no profile');
    const events = profileSchema.parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
    const { hiddenSize } = weights.config;
    const types = events.flatMap(({ args }) => {
      const largest = Math.max(0, ...(args?.output_type_shape ?? []).map(({ float = [0] }) => elementCount(float)));
      const isOnCpu = args?.provider === CPU_PROVIDER && largest >= hiddenSize;
      return isOnCpu && args.op_name !== undefined ? [args.op_name] : [];
    });
    return [...new Set(types)].sort();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

/** Both directions of the lowest layer that trains. */
async function runOnce(
  weights: DecoderWeights,
  layout: DeltaLayout,
  options: ExecutionOptions & { readonly profilePath: string },
): Promise<void> {
  const layer = layout.projections[0]?.layer ?? 0;
  const { first, second } = await createHeldLayer(weights, layout, layer, options);
  try {
    const rows = {
      batchSize: 1,
      sequenceLength: TOKENS,
      tokenIds: new Int32Array(TOKENS),
      positions: Int32Array.from({ length: TOKENS }, (_, position) => position),
      segments: new Int32Array(TOKENS).fill(1),
    };
    const hidden = float32Tensor(new Float32Array(TOKENS * weights.config.hiddenSize).fill(1), [
      1,
      TOKENS,
      weights.config.hiddenSize,
    ]);
    const feeds = {
      ...new FedDeltas(layout).feeds(layer),
      ...new SharedFeedSource(weights.config, options.attention).feeds(rows).forLayer(layer),
      [LAYER_NAMES.hidden]: hidden,
      [LAYER_NAMES.gradOutput]: hidden,
    };
    await first.run(feeds);
    await second.run(feeds);
  } finally {
    await first.release();
  }
}
