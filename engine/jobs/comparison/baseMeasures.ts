/** What the base measures on the evaluation data, as runs do. */
import { availableParallelism } from 'node:os';
import { requireDecoder } from '../../checkpoint/config/modelConfig.ts';
import { createForwardPass } from '../../inference/forwardPass.ts';
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import { evaluationMeasures, type EvaluationMeasures } from '../../training/evaluation.ts';
import { prepareData } from '../preparation/preparation.ts';
import { openFittingWeights } from '../preparation/weightLoading.ts';

/** Examples that go through the model at once. */
const BATCH_SIZE = 8;

export async function measureBase(configuration: RunConfiguration, signal: AbortSignal): Promise<EvaluationMeasures> {
  const { checkpoint, data, tokenizer } = await prepareData(configuration, Date.now(), () => undefined, signal);
  try {
    requireDecoder(checkpoint.config, configuration.base, 'scoring the base');
    const weights = await openFittingWeights(checkpoint);
    const { threads } = configuration.engine;
    const options = { device: 'cpu', threads: threads === 'auto' ? availableParallelism() : threads } as const;
    const forward = await createForwardPass(weights, options);
    const padTokenId = tokenizer.padTokenId ?? tokenizer.eosTokenId;
    const { examples } = data.evaluation;
    const measures = await evaluationMeasures(forward, examples, BATCH_SIZE, padTokenId);
    await forward.release();
    await weights.release();
    return measures;
  } finally {
    await checkpoint.close();
  }
}
