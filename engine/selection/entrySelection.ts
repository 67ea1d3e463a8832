/**
 * Entries of a whole matrix, chosen without regard to neurons: the largest |W| (Super-Tuning), or random ones (SHiRA).
 * Ties: of equal magnitudes the earlier position wins.
 */
import { readFloat32 } from '../checkpoint/safetensors/tensorRead.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { CancelledError, ExpectedError } from '../errors/expected.ts';
import {
  SELECTION_SCHEMA_VERSION,
  type ModuleStatistics,
  type SelectionStatistics,
} from '../protocol/runs/selectionStatistics.ts';
import { participatingNeurons } from './budget.ts';
import { largestPositions } from './largestPositions.ts';
import { giniCoefficient } from './moduleStatistics.ts';
import { createSampler } from './sampling.ts';
import { planSelection, type SelectionHooks, type SelectionOptions } from './selection.ts';
import type { TargetModule } from './targetModules.ts';
import { isWeightDtype, type WeightDtype } from './weightDtype.ts';

/** Selected entries of a module with the weights that stand there. */
export interface SelectedEntries extends TargetModule {
  /** Element type of the module's weights. */
  readonly dtype: WeightDtype;
  /** Positions in the weight, row after row; ascending. */
  readonly positions: Int32Array;
  /** The weights' own bytes at these positions. */
  readonly originals: Uint8Array<ArrayBuffer>;
}

export type EntryChoice = 'largest' | 'random';

export interface EntrySelection {
  readonly modules: readonly SelectedEntries[];
  readonly statistics: SelectionStatistics;
}

/**
 * As many entries of each module as the options give its neurons together, so that methods compare at equal budgets.
 *
 * @param strategy what the statistics call the choice
 * @throws ExpectedError `selection/…`, CancelledError
 */
export async function selectEntries(
  checkpoint: Checkpoint,
  options: SelectionOptions,
  seed: number,
  choice: EntryChoice,
  strategy: string,
  { onProgress, signal }: Pick<SelectionHooks, 'onProgress' | 'signal'> = {},
): Promise<EntrySelection> {
  const plan = planSelection(checkpoint, options);
  const totalRows = plan.modules.reduce((total, { rows }) => total + rows, 0);
  const modules: SelectedEntries[] = [];
  const statistics: ModuleStatistics[] = [];
  let doneRows = 0;
  for (const target of plan.modules) {
    if (signal?.aborted === true) throw new CancelledError();
    const count = participatingNeurons(target.rows, options.neuronShare) * Math.min(plan.k, target.columns);
    const weights = await readFloat32(checkpoint.tensor(`${target.module}.weight`));
    refuseNotFinite(checkpoint, target, weights);
    const positions =
      choice === 'largest' ? largestPositions(weights, count) : randomPositions(target, weights.length, count, seed);
    modules.push(await withOriginals(checkpoint, target, positions));
    statistics.push(statisticsOf(target, weights, positions));
    doneRows += target.rows;
    onProgress?.(doneRows, totalRows);
  }
  return {
    modules,
    statistics: {
      schemaVersion: SELECTION_SCHEMA_VERSION,
      strategy,
      seed,
      k: plan.k,
      neuronShare: options.neuronShare,
      trainableParameters: plan.trainableParameters,
      totalParameters: checkpoint.parameterCount,
      trainableShare: plan.trainableParameters / checkpoint.parameterCount,
      modules: statistics,
    },
  };
}

function randomPositions({ module }: TargetModule, limit: number, count: number, seed: number): Int32Array {
  const positions = new Int32Array(count);
  createSampler(seed, `entries of ${module}`, count, limit)(positions, 0);
  return positions;
}

/**
 * Entries with the bytes that the checkpoint has there.
 * @throws ExpectedError `selection/unsupportedDtype`
 */
export async function withOriginals(
  checkpoint: Checkpoint,
  target: TargetModule,
  positions: Int32Array,
): Promise<SelectedEntries> {
  const name = `${target.module}.weight`;
  const { file, entry } = checkpoint.tensor(name);
  const { dtype } = entry;
  if (!isWeightDtype(dtype)) {
    const fix = 'Convert the checkpoint to one of these types.';
    throw new ExpectedError('selection/unsupportedDtype', `expected F32, F16 or BF16, found ${dtype}`, fix, {
      file: file.path,
      tensor: name,
    });
  }
  const bytes = await file.read(name);
  const size = dtype === 'F32' ? 4 : 2;
  const originals = new Uint8Array(positions.length * size);
  positions.forEach((position, index) => {
    originals.set(bytes.subarray(position * size, (position + 1) * size), index * size);
  });
  return { ...target, dtype, positions, originals };
}

function refuseNotFinite(checkpoint: Checkpoint, { module }: TargetModule, weights: Float32Array): void {
  const at = weights.findIndex((weight) => !Number.isFinite(weight));
  if (at < 0) return;
  const name = `${module}.weight`;
  throw new ExpectedError(
    'selection/notFinite',
    `entry ${String(at)} is an infinite weight or a weight that is no number (NaN)`,
    'The checkpoint is damaged: fetch it again, or take another.',
    { file: checkpoint.tensor(name).file.path, tensor: name },
  );
}

function statisticsOf(
  { module, rows, columns }: TargetModule,
  weights: Float32Array,
  positions: Int32Array,
): ModuleStatistics {
  const hits = new Int32Array(columns);
  const neurons = new Set<number>();
  const sum = weights.reduce((total, weight) => total + Math.abs(weight), 0);
  let selectedSum = 0;
  let smallest = Infinity;
  let largest = 0;
  for (const position of positions) {
    const magnitude = Math.abs(weights[position] ?? 0);
    selectedSum += magnitude;
    smallest = Math.min(smallest, magnitude);
    largest = Math.max(largest, magnitude);
    hits[position % columns]! += 1;
    neurons.add(Math.floor(position / columns));
  }
  return {
    ...{ module, rows, columns, participatingNeurons: neurons.size },
    k: positions.length / Math.max(1, neurons.size),
    selected: positions.length,
    meanMagnitude: sum / weights.length,
    meanSelectedMagnitude: selectedSum / positions.length,
    smallestSelectedMagnitude: smallest,
    largestSelectedMagnitude: largest,
    magnitudeShare: sum === 0 ? 0 : Math.min(1, selectedSum / sum),
    inputs: {
      hit: hits.reduce((count, number) => count + (number > 0 ? 1 : 0), 0),
      mostHits: hits.reduce((most, number) => Math.max(most, number), 0),
      concentration: giniCoefficient(hits),
    },
  };
}
