/** Selects connections of a checkpoint and writes them with their statistics, without training. */
import { openCheckpoint } from '../checkpoint/checkpoint.ts';
import { ExpectedError } from '../errors/expected.ts';
import { createFolderAtomically } from '../files/atomicFolder.ts';
import { runConfigurationSchema } from '../protocol/configuration/configuration.ts';
import { selectConnections } from '../selection/selection.ts';
import { writeSelection } from '../selection/selectionFile.ts';
import type { Job, SelectRequest, SelectResult } from './contract.ts';
import { gradientScoresOf } from './preparation/gradientStrategy.ts';
import { prepareData } from './preparation/preparation.ts';

/** @throws ExpectedError `selection/…`, `checkpoint/…`, `files/exists` */
export const selectJob: Job<SelectRequest, SelectResult> = async ({ configuration, output }, observer, signal) => {
  const onProgress = observer.onProgress ?? ((): void => undefined);
  const { base, selection, training, data } = configuration;
  const isGradient = selection.strategy === 'gradient';
  if (isGradient && data === undefined) {
    const fix = 'Name training data in data.train, or choose another strategy.';
    throw new ExpectedError('selection/noGradient', 'the gradient strategy needs training data, found none', fix, {
      field: 'data',
    });
  }
  const whole = isGradient ? runConfigurationSchema.parse(configuration) : undefined;
  const prepared = whole === undefined ? undefined : await prepareData(whole, Date.now(), onProgress, signal);
  const checkpoint = prepared?.checkpoint ?? (await openCheckpoint(base));
  try {
    const gradientScores =
      whole === undefined || prepared === undefined
        ? undefined
        : await gradientScoresOf(whole, prepared, onProgress, signal);
    const selected = await selectConnections(checkpoint, selection, training.seed, {
      signal,
      onProgress: (done, total) => {
        onProgress({ phase: 'selecting', done, total });
      },
      ...(gradientScores === undefined ? {} : { gradientScores }),
    });
    await createFolderAtomically(output, (folder) => writeSelection(folder, selected));
    const { strategy, k, trainableParameters, totalParameters, trainableShare } = selected.statistics;
    return { output, strategy, k, trainableParameters, totalParameters, trainableShare };
  } finally {
    await checkpoint.close();
  }
};
