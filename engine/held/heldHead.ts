/** The blocks of the output embedding as sessions that hold them. */
import type { ExecutionOptions } from '../inference/graphSession.ts';
import { releaseAll } from '../inference/forwardPass.ts';
import { lossBlockEntries, type LossBlocks } from '../inference/lossBlocks.ts';
import { vocabularyBlocks } from '../inference/vocabularyBlocks.ts';
import { headBlock, HEAD_NAMES } from '../model/decoder/headGraph.ts';
import type { DecoderWeights } from '../model/weights/decoderWeights.ts';
import type { Session } from '../runtime/session.ts';
import { createHeldSession } from './heldSession.ts';

/** Each session gives what a gradient needs, whether it is wanted or not: a block is held once. */
export async function heldLossBlocks(
  { config, outputEmbedding }: DecoderWeights,
  options: ExecutionOptions,
): Promise<LossBlocks> {
  const sessions: Session[] = [];
  const { vocabularySize, hiddenSize } = config;
  const graph = headBlock(config, true);
  try {
    for await (const block of vocabularyBlocks(outputEmbedding, vocabularySize, lossBlockEntries(config))) {
      const parameters = new Map([[HEAD_NAMES.embedding, { data: block.rows, shape: [block.count, hiddenSize] }]]);
      sessions.push(await createHeldSession(`head from ${String(block.first)}`, graph, parameters, options));
    }
  } catch (error) {
    await releaseAll(sessions);
    throw error;
  }
  return {
    // eslint-disable-next-line @typescript-eslint/require-await -- others wait for their blocks
    async *visit() {
      for (const session of sessions) yield { session, feeds: {} };
    },
    release: () => releaseAll(sessions),
  };
}
