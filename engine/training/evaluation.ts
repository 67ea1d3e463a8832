/** The evaluation loss during training: the mean over all labels of the evaluation examples. */
import { planEvaluation } from '../data/batches/epochPlan.ts';
import { collate } from '../data/batches/microBatch.ts';
import type { TokenizedExample } from '../data/tokenization.ts';
import type { ForwardPass } from '../inference/forwardPass.ts';

/**
 * Mean loss in nats per labelled token; NaN without labels.
 *
 * @param batchSize examples that go through the model at once
 */
export async function evaluationLoss(
  forward: ForwardPass,
  examples: readonly TokenizedExample[],
  batchSize: number,
  padTokenId: number,
): Promise<number> {
  const lengths = Int32Array.from(examples, (example) => example.tokens.length);
  let sum = 0;
  let labels = 0;
  for (const rows of planEvaluation(lengths, batchSize)) {
    const batch = collate(
      rows.map((row) => row.map((number) => examples[number]).filter((example) => example !== undefined)),
      padTokenId,
    );
    sum += await forward.lossSum(batch);
    labels += batch.labels.length;
  }
  return sum / labels;
}
