/**
 * How many evaluation examples the model would answer exactly. Greedy decoding gives the expected answer if, and only if,
 * every one of its tokens, the end token included, is the most probable one after those before it; so one forward pass
 * over prompt and answer tells, and nothing is generated.
 */
import { collate } from '../data/batches/microBatch.ts';
import type { TokenizedExample } from '../data/tokenization.ts';
import type { ForwardPass } from '../inference/forwardPass.ts';

/** Labels that go through the head at once: their logits are all in memory. */
const LABEL_LIMIT = 256;

/** Share of examples whose labels are all predicted; NaN without examples. */
export async function exactMatch(
  forward: ForwardPass,
  examples: readonly TokenizedExample[],
  padTokenId: number,
): Promise<number> {
  let right = 0;
  for (const group of groups(examples)) {
    const batch = collate(
      group.map((example) => [example]),
      padTokenId,
    );
    const logits = await forward.logits(batch, batch.labelRows);
    const width = logits.length / batch.labels.length;
    const failed = new Set<number>();
    batch.labels.forEach((label, index) => {
      const isRight = isLargest(logits.subarray(index * width, (index + 1) * width), label);
      if (!isRight) failed.add(Math.floor((batch.labelRows[index] ?? 0) / batch.sequenceLength));
    });
    right += group.length - failed.size;
  }
  return right / examples.length;
}

/** Neighbours together, as many as the limit of labels allows, at least one. */
function groups(examples: readonly TokenizedExample[]): readonly (readonly TokenizedExample[])[] {
  const result: TokenizedExample[][] = [];
  let labels = Infinity;
  for (const example of examples) {
    const count = example.isLabel.reduce((sum, value) => sum + value, 0);
    if (labels + count > LABEL_LIMIT) {
      result.push([]);
      labels = 0;
    }
    result.at(-1)?.push(example);
    labels += count;
  }
  return result;
}

/** Of equal logits the lower token counts as the most probable, as in greedy decoding. */
function isLargest(logits: Float32Array, token: number): boolean {
  const own = logits[token] ?? -Infinity;
  return logits.every((logit, other) => logit < own || (logit === own && other >= token));
}
