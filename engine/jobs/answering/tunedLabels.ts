/** The labels that a tuned encoder predicts: kept by a run beside its checkpoints, and by an adapter with its classifier. */
import { join } from 'node:path';
import { z } from 'zod';
import { classifierAmong } from '../../adapter/headFile.ts';
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { withLabels, type ClassifierLabels } from '../../checkpoint/labelledCheckpoint.ts';
import { readOptionalText } from '../../checkpoint/smallFile.ts';
import { ExpectedError } from '../../errors/expected.ts';
import { writeFileAtomically } from '../../files/atomicFile.ts';
import { RUN_FILES } from '../../protocol/runs/runFolder.ts';

const labelsSchema = z.object({
  schemaVersion: z.literal(1),
  problem: z.enum(['classification', 'regression']),
  labels: z.array(z.string()).min(1),
});

export async function writeRunLabels(run: string, { config }: Checkpoint): Promise<void> {
  if (config.family !== 'encoder') return;
  const { problem, labels } = config.classifier;
  const text = JSON.stringify({ schemaVersion: 1, problem, labels }, null, 2);
  await writeFileAtomically(join(run, RUN_FILES.labels), `${text}\n`);
}

/** The checkpoint with the labels that the run trains; a decoder's as it is. @throws ExpectedError `run/invalidLabels` */
export async function labelledByRun(checkpoint: Checkpoint, run: string): Promise<Checkpoint> {
  const file = join(run, RUN_FILES.labels);
  const text = await readOptionalText(file);
  if (text === undefined) return checkpoint;
  return withLabels(checkpoint, parseLabels(text, file));
}

function parseLabels(text: string, file: string): ClassifierLabels {
  try {
    return labelsSchema.parse(JSON.parse(text));
  } catch (error) {
    const fix = 'Take another copy of the run.';
    throw new ExpectedError('run/invalidLabels', 'expected the labels of a classifier', fix, { file }, error);
  }
}

/**
 * The checkpoint with the labels of the adapters' classifier, if one of them has one.
 * @throws ExpectedError `adapter/twoClassifiers`, `adapter/invalidHead`
 */
export async function labelledByAdapters(checkpoint: Checkpoint, adapters: readonly string[]): Promise<Checkpoint> {
  const classifier = await classifierAmong(adapters);
  return classifier === undefined ? checkpoint : withLabels(checkpoint, classifier);
}
