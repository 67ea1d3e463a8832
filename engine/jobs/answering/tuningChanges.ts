/** What tuning changes in a model's tensors, wherever it lies: in an adapter of any format, or in a run's own checkpoint. */
import { readHeadFile } from '../../adapter/headFile.ts';
import { readAdapterFormat } from '../../adapter/adapterAbout.ts';
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { changedTensors } from '../../merge/changes/adapterChanges.ts';
import { withAdapters } from '../../merge/adapterEntries.ts';
import type { TensorChange } from '../../merge/changes/tensorChange.ts';
import { checkpointTensorsFile } from '../../run/checkpointStore.ts';
import { readRunRecord } from '../../run/runRecord.ts';
import { restoreValues } from '../../training/stateTensors.ts';
import { trainableLayout } from '../../training/layouts/trainable.ts';
import { readTrainable } from '../preparation/trainableChoice.ts';
import { headTensors, trainedChanges } from '../preparation/trainedParts.ts';

export interface TuningChanges {
  /** Whether it changes nothing but entries of the layers' weights, so that weights of any storage can carry it. */
  readonly isCarried: boolean;
  /** Tells the changes one after the other, each of them to be done with before the next. */
  readonly forEach: (use: (tensor: string, change: TensorChange) => void) => Promise<void>;
}

/** @throws ExpectedError `adapter/…` */
export async function changesOfAdapter(folder: string, { config }: Checkpoint): Promise<TuningChanges> {
  const classifier = await readHeadFile(folder);
  return {
    isCarried: classifier === undefined && (await readAdapterFormat(folder)) === 'selected',
    forEach: (use) =>
      withAdapters([folder], async (adapters) => {
        for (const adapter of adapters) {
          for (const tensor of changedTensors(adapter, config)) use(tensor.name, await adapter.readChange(tensor));
        }
        for (const { name, values } of classifier?.tensors ?? []) use(name, { kind: 'values', values });
      }),
  };
}

/** What a run had trained at one of its steps. */
export async function changesOfRun(run: string, step: number, checkpoint: Checkpoint): Promise<TuningChanges> {
  const { configuration } = await readRunRecord(run);
  const trainable = await readTrainable(run, configuration, checkpoint);
  const layout = trainableLayout(checkpoint.config, trainable);
  const values = new Float32Array(layout.size);
  await restoreValues(checkpointTensorsFile(run, step), values);
  return {
    isCarried: layout.parts.every(({ kind }) => kind === 'selected' || kind === 'entries'),
    forEach: (use) => {
      for (const { tensor, change } of trainedChanges(trainable, checkpoint.config, layout, values))
        use(tensor, change);
      for (const { name, values: trained } of headTensors(layout, values))
        use(name, { kind: 'values', values: trained });
      return Promise.resolve();
    },
  };
}
