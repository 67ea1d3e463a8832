/** Chooses what a run trains, once, writes it into the run's folder, and reads it from there when the run is resumed. */
import { join } from 'node:path';
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { readOptionalText } from '../../checkpoint/smallFile.ts';
import { writeFileAtomically } from '../../files/atomicFile.ts';
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import type { SelectionEvent } from '../../protocol/runs/events.ts';
import { RUN_FILES } from '../../protocol/runs/runFolder.ts';
import type { JobProgress } from '../../protocol/rpc.ts';
import { SELECTION_SCHEMA_VERSION, type SelectionStatistics } from '../../protocol/runs/selectionStatistics.ts';
import { selectEntries } from '../../selection/entrySelection.ts';
import { readEntrySelection, writeEntrySelection } from '../../selection/entrySelectionFile.ts';
import { selectConnections } from '../../selection/selection.ts';
import { readSelection, writeSelection } from '../../selection/selectionFile.ts';
import type { Trainable } from '../../training/layouts/trainable.ts';
import { gradientScoresOf } from './gradientStrategy.ts';
import { planMethod } from './methodPlan.ts';
import type { PreparedData } from './preparation.ts';

export interface TrainableChoice {
  readonly trainable: Trainable;
  readonly statistics: SelectionStatistics;
}

/** What the folder says that is trained; undefined where the choice was never finished: its statistics are written last. */
export async function finishedChoice(
  folder: string,
  configuration: RunConfiguration,
  checkpoint: Checkpoint,
): Promise<TrainableChoice | undefined> {
  const text = await readOptionalText(join(folder, RUN_FILES.selectionStatistics));
  if (text === undefined) return undefined;
  return {
    trainable: await readTrainable(folder, configuration, checkpoint),
    statistics: JSON.parse(text) as SelectionStatistics,
  };
}

/** What a run trains, as its folder says. */
export async function readTrainable(
  folder: string,
  configuration: RunConfiguration,
  checkpoint: Pick<Checkpoint, 'config' | 'parameterCount'>,
): Promise<Trainable> {
  const { method } = configuration;
  switch (method) {
    case 'neuroada':
    case 'masked':
      return { method, modules: await readSelection(folder, checkpoint.config) };
    case 'superTuning':
    case 'shira':
      return { method, modules: await readEntrySelection(folder, checkpoint.config) };
    case 'full':
    case 'bitfit':
    case 'lora':
      return planMethod(checkpoint, configuration).shape;
  }
}

/** @throws ExpectedError `selection/…`, `method/…`; CancelledError */
export async function chooseTrainable(
  folder: string,
  configuration: RunConfiguration,
  prepared: PreparedData,
  onProgress: (progress: JobProgress) => void,
  signal: AbortSignal,
): Promise<TrainableChoice> {
  const { checkpoint } = prepared;
  const { method, selection, training } = configuration;
  const plan = planMethod(checkpoint, configuration);
  const hooks = {
    signal,
    onProgress: (done: number, total: number) => {
      onProgress({ phase: 'selecting', done, total });
    },
  };
  switch (method) {
    case 'neuroada':
    case 'masked': {
      const gradientScores = await gradientScoresOf(configuration, prepared, onProgress, signal);
      const scores = gradientScores === undefined ? {} : { gradientScores };
      const selected = await selectConnections(checkpoint, selection, training.seed, { ...hooks, ...scores });
      await writeSelection(folder, selected);
      return { trainable: { method, modules: selected.modules }, statistics: selected.statistics };
    }
    case 'superTuning':
    case 'shira': {
      const choice = method === 'shira' ? 'random' : 'largest';
      const selected = await selectEntries(checkpoint, selection, training.seed, choice, method, hooks);
      await writeEntrySelection(folder, selected);
      return { trainable: { method, modules: selected.modules }, statistics: selected.statistics };
    }
    case 'full':
    case 'bitfit':
    case 'lora': {
      const { parameterCount } = checkpoint;
      const statistics: SelectionStatistics = {
        ...{ schemaVersion: SELECTION_SCHEMA_VERSION, strategy: method, seed: training.seed, k: 0, neuronShare: 1 },
        trainableParameters: plan.trainableParameters,
        totalParameters: parameterCount,
        trainableShare: plan.trainableParameters / parameterCount,
        modules: [],
      };
      const text = `${JSON.stringify(statistics, null, 2)}\n`;
      await writeFileAtomically(join(folder, RUN_FILES.selectionStatistics), text);
      return { trainable: plan.shape, statistics };
    }
  }
}

/** The event that tells what was chosen. */
export function selectionEvent(statistics: SelectionStatistics): Omit<SelectionEvent, 'time'> {
  const { strategy, k, trainableParameters, totalParameters, trainableShare } = statistics;
  return { type: 'selection', strategy, k, trainableParameters, totalParameters, trainableShare };
}
