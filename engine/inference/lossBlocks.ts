/** The output embedding in blocks, each with the session that adds it to the sums of the loss. */
import type { DecoderConfig } from '../checkpoint/config/decoderConfig.ts';
import { headBlock, HEAD_NAMES } from '../model/decoder/headGraph.ts';
import type { DecoderWeights } from '../model/weights/decoderWeights.ts';
import type { Session } from '../runtime/session.ts';
import { float32Tensor, type HostTensor } from '../runtime/tensor.ts';
import { createGraphSession, type ExecutionOptions } from './graphSession.ts';
import { vocabularyBlocks } from './vocabularyBlocks.ts';

/** Most entries of a block of the vocabulary, and most float32 elements: the logits of a chunk stay in the cache. */
const BLOCK_ENTRIES = 8192;
const BLOCK_ELEMENTS = 1 << 23;

export interface LossBlock {
  /** Of `headBlock`; it may give more than is wanted. */
  readonly session: Session;
  /** The block, where the session reads it as an input; valid until the next block. */
  readonly feeds: Readonly<Record<string, HostTensor>>;
}

export interface LossBlocks {
  /** All blocks in their order. */
  visit(hasGradient: boolean): AsyncIterable<LossBlock>;
  release(): Promise<void>;
}

/** Entries of a block of the vocabulary whose logits exist at a time. */
export function lossBlockEntries({ hiddenSize }: DecoderConfig): number {
  return Math.min(BLOCK_ENTRIES, Math.ceil(BLOCK_ELEMENTS / hiddenSize));
}

/** Blocks that are fed from wherever the weights lie. */
export function fedLossBlocks({ config, outputEmbedding }: DecoderWeights, options: ExecutionOptions): LossBlocks {
  const sessions = new Map<boolean, Promise<Session>>();
  const sessionFor = (hasGradient: boolean): Promise<Session> => {
    const name = `head block ${hasGradient ? 'gradient' : 'loss'}`;
    const known = sessions.get(hasGradient) ?? createGraphSession(name, headBlock(config, hasGradient), options);
    sessions.set(hasGradient, known);
    return known;
  };
  return {
    async *visit(hasGradient) {
      const session = await sessionFor(hasGradient);
      const blocks = vocabularyBlocks(outputEmbedding, config.vocabularySize, lossBlockEntries(config));
      for await (const { rows, count } of blocks) {
        yield { session, feeds: { [HEAD_NAMES.embedding]: float32Tensor(rows, [count, config.hiddenSize]) } };
      }
    },
    async release() {
      for (const session of sessions.values()) await (await session).release();
    },
  };
}
