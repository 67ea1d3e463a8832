/** A model in memory that can be what it was and what tuning made of it: one copy of the weights serves both sides. */
import { basename } from 'node:path';
import { openCheckpoint, type Checkpoint } from '../../checkpoint/checkpoint.ts';
import { checkpointFingerprint } from '../../checkpoint/fingerprint.ts';
import { openTokenizer, type CheckpointTokenizer } from '../../checkpoint/tokenizer/tokenizer.ts';
import { ExpectedError } from '../../errors/expected.ts';
import type { AnyWeights } from '../../model/weights/anyWeights.ts';
import type { ModelSide } from '../../protocol/answers/generation.ts';
import type { Fingerprint } from '../../protocol/runs/runFolder.ts';
import { stepOfCheckpoint } from '../../run/checkpointStore.ts';
import { openTunedWeights, type TunedWeights } from './carriedTuning.ts';
import type { ModelLocation, Tuning } from './modelLocation.ts';
import { labelledByAdapters, labelledByRun } from './tunedLabels.ts';
import { changesOfAdapter, changesOfRun, type TuningChanges } from './tuningChanges.ts';
import { openFittingWeights } from '../preparation/weightLoading.ts';

export interface OpenedModel {
  readonly weights: AnyWeights;
  readonly tokenizer: CheckpointTokenizer;
  readonly fingerprint: Fingerprint;
  /** The sides that it has. */
  readonly sides: readonly ModelSide[];
  /** Makes the weights those of a side. */
  readonly show: (side: ModelSide) => void;
  readonly release: () => Promise<void>;
}

/**
 * Opened with its base showing, the weights as near as memory allows; to be released.
 *
 * @param templateTime the time that chat templates are told
 * @throws ExpectedError `adapter/otherBase`, and what is wrong with the files
 */
export async function openModel({ base, tuning, runFolder }: ModelLocation, templateTime: Date): Promise<OpenedModel> {
  const opened = await openCheckpoint(base);
  try {
    const checkpoint = tuning === undefined ? opened : await labelled(opened, tuning, runFolder);
    const fingerprint = await checkpointFingerprint(checkpoint);
    if (tuning !== undefined) refuseOtherBase(base, fingerprint, tuning);
    const tokenizer = await openTokenizer(base, { templateTime });
    const changes = tuning === undefined ? undefined : await changesOf(tuning, runFolder, checkpoint);
    const { weights, tune } =
      changes === undefined ? await untuned(checkpoint) : await openTunedWeights(checkpoint, changes);
    return {
      ...{ weights, tokenizer, fingerprint, sides: sidesOf(checkpoint, changes !== undefined) },
      show: (side) => {
        tune(side === 'tuned');
      },
      release: async () => {
        await weights.release();
        await checkpoint.close();
      },
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

function labelled(
  checkpoint: Checkpoint,
  { kind, folder }: Tuning,
  runFolder: string | undefined,
): Promise<Checkpoint> {
  return kind === 'adapter' ? labelledByAdapters(checkpoint, [folder]) : labelledByRun(checkpoint, runFolder ?? folder);
}

/** An encoder whose classifier came with tuning is nothing without it. */
function sidesOf({ config }: Checkpoint, isTuned: boolean): readonly ModelSide[] {
  if (!isTuned) return ['base'];
  return config.family === 'encoder' && !config.naming.hasClassifier ? ['tuned'] : ['base', 'tuned'];
}

async function untuned(checkpoint: Checkpoint): Promise<TunedWeights> {
  return { weights: await openFittingWeights(checkpoint), tune: () => undefined };
}

function changesOf(
  { kind, folder }: Tuning,
  runFolder: string | undefined,
  checkpoint: Checkpoint,
): Promise<TuningChanges> {
  if (kind === 'adapter') return changesOfAdapter(folder, checkpoint);
  return changesOfRun(runFolder ?? folder, stepOfCheckpoint(basename(folder)) ?? NaN, checkpoint);
}

function refuseOtherBase(base: string, found: Fingerprint, { baseFingerprint, folder }: Tuning): void {
  if (baseFingerprint === undefined) return;
  if (found.algorithm === baseFingerprint.algorithm && found.value === baseFingerprint.value) return;
  throw new ExpectedError(
    'adapter/otherBase',
    `the checkpoint is not the one that ${folder} was trained on`,
    'Name the base that it was trained on.',
    { file: base },
  );
}
