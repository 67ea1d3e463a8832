/** What the gradient strategy selects by: gradients of every target weight, accumulated over the first batches of data. */
import { planEpoch } from '../../data/batches/epochPlan.ts';
import { collate } from '../../data/batches/microBatch.ts';
import { CancelledError } from '../../errors/expected.ts';
import { loadModel } from '../../model/weights/modelLoading.ts';
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import type { JobProgress } from '../../protocol/rpc.ts';
import { planSelection } from '../../selection/selection.ts';
import { headStart } from '../../training/layouts/headStart.ts';
import { gradientScores } from '../../training/plans/gradientScores.ts';
import { settleDevice } from './deviceSettling.ts';
import { settleThreads } from './execution.ts';
import type { PreparedData } from './preparation.ts';
import { fittingStorage, openWeights } from './weightLoading.ts';

/** Scores by module for the gradient strategy; undefined for any other. */
export async function gradientScoresOf(
  { selection, training, data, engine }: RunConfiguration,
  prepared: PreparedData,
  onProgress: (progress: JobProgress) => void,
  signal: AbortSignal,
): Promise<((module: string) => Promise<Float32Array>) | undefined> {
  if (selection.strategy !== 'gradient') return undefined;
  const { examples } = prepared.data.train;
  const lengths = Int32Array.from(examples, (example) => example.tokens.length);
  const batches = planEpoch(lengths, { ...training, maxLength: data.maxLength, epoch: 0 }).slice(
    0,
    selection.gradientBatches,
  );
  const padTokenId = prepared.tokenizer.padTokenId ?? prepared.tokenizer.eosTokenId;
  const microBatches = batches.map((rows) =>
    collate(
      rows.map((row) => row.map((number) => examples[number]).filter((example) => example !== undefined)),
      padTokenId,
    ),
  );
  const modules = new Set(planSelection(prepared.checkpoint, selection).modules.map(({ module }) => module));
  const { device } = await settleDevice(engine.device);
  const storage = engine.weights === 'auto' ? fittingStorage(prepared.checkpoint) : engine.weights;
  const weights =
    prepared.checkpoint.config.family === 'encoder'
      ? await loadModel(prepared.checkpoint, headStart(training.seed))
      : await openWeights(prepared.checkpoint, storage);
  const options = { device, threads: settleThreads(engine.threads) };
  const scores = await gradientScores(weights, modules, microBatches, options, (done) => {
    if (signal.aborted) throw new CancelledError();
    onProgress({ phase: 'accumulating gradients', done, total: microBatches.length });
  });
  await weights.release();
  return (module) => {
    const found = scores.get(module);
    if (found === undefined) throw new Error(`no gradient was accumulated for ${module}`);
    return Promise.resolve(found);
  };
}
