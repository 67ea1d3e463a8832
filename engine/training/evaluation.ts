/** What is measured on evaluation examples during training, in one pass over them. */
import { planEvaluation } from '../data/batches/epochPlan.ts';
import { collate, type MicroBatch } from '../data/batches/microBatch.ts';
import type { TokenizedExample } from '../data/tokenization.ts';
import type { ForwardPass } from '../inference/forwardPass.ts';

/**
 * Mean loss in nats per labelled token; NaN without labels.
 *
 * @param batchSize examples that go through the model at once
 */
export async function evaluationLoss(
  forward: Pick<ForwardPass, 'lossSum'>,
  examples: readonly TokenizedExample[],
  batchSize: number,
  padTokenId: number,
): Promise<number> {
  let sum = 0;
  let labels = 0;
  for (const batch of batches(examples, batchSize, padTokenId)) {
    sum += await forward.lossSum(batch);
    labels += batch.labels.length;
  }
  return sum / labels;
}

export interface EvaluationMeasures {
  /** Mean loss in nats per labelled token; NaN without labels. */
  readonly loss: number;
  /** Share of examples that are answered exactly; NaN without examples. */
  readonly exactMatch: number;
}

/**
 * The loss, and how many examples the model would answer exactly. Greedy decoding gives the expected answer if, and only
 * if, every one of its tokens, the end token included, is the most probable one after those before it; so the pass over
 * prompt and answer that the loss needs tells that as well, and nothing is generated.
 *
 * @param batchSize examples that go through the model at once
 */
export async function evaluationMeasures(
  forward: Pick<ForwardPass, 'lossAndPredictions'>,
  examples: readonly TokenizedExample[],
  batchSize: number,
  padTokenId: number,
): Promise<EvaluationMeasures> {
  let sum = 0;
  let labels = 0;
  let right = 0;
  for (const batch of batches(examples, batchSize, padTokenId)) {
    const { lossSum, predicted } = await forward.lossAndPredictions(batch);
    sum += lossSum;
    labels += batch.labels.length;
    right += batch.batchSize - failedRows(batch, predicted);
  }
  return { loss: sum / labels, exactMatch: right / examples.length };
}

/** Rows, of an example each, in which a label is not predicted. */
function failedRows({ labels, labelRows, sequenceLength }: MicroBatch, predicted: Int32Array): number {
  const failed = new Set<number>();
  labels.forEach((label, index) => {
    if (predicted[index] !== label) failed.add(Math.floor((labelRows[index] ?? 0) / sequenceLength));
  });
  return failed.size;
}

function* batches(
  examples: readonly TokenizedExample[],
  batchSize: number,
  padTokenId: number,
): Generator<MicroBatch, void, undefined> {
  const lengths = Int32Array.from(examples, (example) => example.tokens.length);
  for (const rows of planEvaluation(lengths, batchSize)) {
    yield collate(
      rows.map((row) => row.map((number) => examples[number]).filter((example) => example !== undefined)),
      padTokenId,
    );
  }
}
