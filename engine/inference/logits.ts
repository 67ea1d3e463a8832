/** Logits of rows of the last hidden state, over as much of the output embedding at a time as is there at a time. */
import type { DecoderWeights } from '../model/weights/decoderWeights.ts';
import { HEAD_NAMES } from '../model/decoder/headGraph.ts';
import type { Session } from '../runtime/session.ts';
import { float32Tensor } from '../runtime/tensor.ts';
import { vocabularyBlocks } from './vocabularyBlocks.ts';
import type { Scratch } from './scratch.ts';

/**
 * @param session of `headLogits`
 * @param rowChunks parts of the rows [rows, hidden] and where the logits [rows, vocabulary] of each go
 */
export async function fillLogits(
  session: Session,
  { config, outputEmbedding, finalNorm }: DecoderWeights,
  rowChunks: readonly { readonly hidden: Float32Array; readonly logits: Float32Array }[],
  scratch: Scratch,
): Promise<void> {
  const { hiddenSize, vocabularySize } = config;
  const norm = float32Tensor(finalNorm, [hiddenSize]);
  for await (const { first, count, rows } of vocabularyBlocks(outputEmbedding, vocabularySize, vocabularySize)) {
    const embedding = float32Tensor(rows, [count, hiddenSize]);
    for (const { hidden, logits } of rowChunks) {
      const rowCount = hidden.length / hiddenSize;
      const isInPlace = rowCount === 1 || count === vocabularySize;
      const part = isInPlace
        ? logits.subarray(first, first + rowCount * count)
        : scratch.floats('logits of a block', rowCount * count);
      await session.run(
        {
          [HEAD_NAMES.norm]: norm,
          [HEAD_NAMES.embedding]: embedding,
          [HEAD_NAMES.hidden]: float32Tensor(hidden, [rowCount, hiddenSize]),
        },
        { [HEAD_NAMES.logits]: float32Tensor(part, [rowCount, count]) },
      );
      for (let row = 0; !isInPlace && row < rowCount; row++) {
        logits.set(part.subarray(row * count, (row + 1) * count), row * vocabularySize + first);
      }
    }
  }
}
