/** Finds what is wrong with a run's checkpoint and data before it is started, or after it failed for it. */
import { openCheckpoint } from '../../checkpoint/checkpoint.ts';
import { openTokenizer, type CheckpointTokenizer } from '../../checkpoint/tokenizer/tokenizer.ts';
import type { TextLabels } from '../../data/texts/textLabels.ts';
import { validateTrainingData } from '../../data/trainingData.ts';
import { ExpectedError } from '../../errors/expected.ts';
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import type { JobProgress, Problem } from '../../protocol/rpc.ts';
import { knownLabels } from './preparation.ts';

/** The problems of the checkpoint, or else of the data, in the order of the file. */
export async function checkInputs(
  configuration: RunConfiguration,
  onProgress: (progress: JobProgress) => void,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  let tokenizer: CheckpointTokenizer;
  let labels: TextLabels | undefined;
  try {
    const checkpoint = await openCheckpoint(configuration.base);
    await checkpoint.close();
    labels = knownLabels(checkpoint);
    tokenizer = await openTokenizer(configuration.base);
  } catch (error) {
    if (error instanceof ExpectedError) return [problemOf(error)];
    throw error;
  }
  const { data, training } = configuration;
  const { problems } = await validateTrainingData(data, training.seed, tokenizer, {
    signal,
    knownLabels: labels,
    onProgress: (records) => {
      onProgress({ phase: 'reading the data', done: records, total: 0 });
    },
  });
  return problems.map(problemOf);
}

function problemOf({ code, problem, fix, place }: ExpectedError): Problem {
  return { severity: 'error', code, problem, fix, place };
}
