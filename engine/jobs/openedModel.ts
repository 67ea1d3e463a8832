/** A model in memory that can be what it was and what tuning made of it: one copy of the weights serves both sides. */
import { basename } from 'node:path';
import { readAdapter } from '../adapter/adapter.ts';
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint.ts';
import { requireDecoder } from '../checkpoint/modelConfig.ts';
import { checkpointFingerprint } from '../checkpoint/fingerprint.ts';
import { openTokenizer, type CheckpointTokenizer } from '../checkpoint/tokenizer.ts';
import { ExpectedError } from '../errors/expected.ts';
import type { DecoderWeights } from '../model/decoderWeights.ts';
import type { ModelSide } from '../protocol/generation.ts';
import type { Fingerprint } from '../protocol/runFolder.ts';
import { checkpointTensorsFile, stepOfCheckpoint } from '../run/checkpointStore.ts';
import { readSelection } from '../selection/selectionFile.ts';
import { deltaLayout, type DeltaLayout } from '../training/deltaLayout.ts';
import { effectiveWeights } from '../training/effectiveWeights.ts';
import { restoreState } from '../training/stateTensors.ts';
import { initialState } from '../training/trainer.ts';
import type { ModelLocation, Tuning } from './modelLocation.ts';
import { fittingStorage, openWeights } from './weightLoading.ts';

export interface OpenedModel {
  readonly weights: DecoderWeights;
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
  const checkpoint = await openCheckpoint(base);
  try {
    const fingerprint = await checkpointFingerprint(checkpoint);
    if (tuning !== undefined) refuseOtherBase(base, fingerprint, tuning);
    const tokenizer = await openTokenizer(base, { templateTime });
    const weights = await openWeights(checkpoint, fittingStorage(checkpoint));
    const release = async (): Promise<void> => {
      await weights.release();
      await checkpoint.close();
    };
    if (tuning === undefined) {
      return { weights, tokenizer, fingerprint, sides: ['base'], show: () => undefined, release };
    }
    const { layout, deltas } = await readTuning(tuning, runFolder, checkpoint);
    const effective = effectiveWeights(weights, layout);
    const values = { base: new Float32Array(deltas.length), tuned: deltas };
    let shown: ModelSide = 'base';
    const show = (side: ModelSide): void => {
      if (side !== shown) effective.apply(values[side]);
      shown = side;
    };
    return { weights, tokenizer, fingerprint, sides: ['base', 'tuned'], show, release };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

async function readTuning(
  { kind, folder }: Tuning,
  runFolder: string | undefined,
  checkpoint: Checkpoint,
): Promise<{ readonly layout: DeltaLayout; readonly deltas: Float32Array }> {
  const config = requireDecoder(checkpoint.config, checkpoint.folder, 'this computation');
  if (kind === 'trainingCheckpoint') {
    const [run, step] = [runFolder ?? folder, stepOfCheckpoint(basename(folder)) ?? NaN];
    const layout = deltaLayout(config, await readSelection(run, config));
    const state = initialState(layout.size);
    await restoreState(checkpointTensorsFile(run, step), step, state);
    return { layout, deltas: state.deltas };
  }
  const { modules } = await readAdapter(folder, config);
  const layout = deltaLayout(config, modules);
  const deltas = new Float32Array(layout.size);
  const byModule = new Map(modules.map((module) => [module.module, module.deltas]));
  for (const { selection, offset } of layout.projections.flatMap((projection) => projection.modules)) {
    deltas.set(byModule.get(selection.module) ?? [], offset);
  }
  return { layout, deltas };
}

function refuseOtherBase(base: string, found: Fingerprint, { baseFingerprint, folder }: Tuning): void {
  if (found.algorithm === baseFingerprint.algorithm && found.value === baseFingerprint.value) return;
  throw new ExpectedError(
    'adapter/otherBase',
    `the checkpoint is not the one that ${folder} was trained on`,
    'Name the base that it was trained on.',
    { file: base },
  );
}
