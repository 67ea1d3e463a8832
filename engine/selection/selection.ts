/** Selects connections over a whole checkpoint, one module at a time. */
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { CancelledError, ExpectedError } from '../errors/expected.ts';
import type { RunConfiguration } from '../protocol/configuration/configuration.ts';
import {
  SELECTION_SCHEMA_VERSION,
  type ModuleStatistics,
  type SelectionStatistics,
} from '../protocol/runs/selectionStatistics.ts';
import { connectionsPerNeuron, participatingNeurons, trainableParameters } from './budget.ts';
import { createMagnitudeRow, type MagnitudeRow } from './magnitudeRow.ts';
import { selectModule, type ModuleSource, type SelectedModule } from './moduleSelection.ts';
import { rowsPerBlock } from './rowBlocks.ts';
import { createSampler } from './sampling.ts';
import { linearModules, matchingModules, type TargetModule } from './targetModules.ts';
import { isWeightDtype } from './weightDtype.ts';

export type SelectionOptions = RunConfiguration['selection'];

export interface Selection {
  readonly modules: readonly SelectedModule[];
  readonly statistics: SelectionStatistics;
}

export interface SelectionHooks {
  /** |gradient| of a module's weight, accumulated over data: [rows * columns]. The gradient strategy needs it. */
  readonly gradientScores?: (module: string) => Promise<Float32Array>;
  /** Rows of all target modules. */
  readonly onProgress?: (doneRows: number, totalRows: number) => void;
  readonly signal?: AbortSignal;
}

/** What a selection will be, known before any weight is read. */
export interface SelectionPlan {
  readonly modules: readonly TargetModule[];
  /** Connections per neuron; a module with fewer columns gets as many as it has. */
  readonly k: number;
  readonly trainableParameters: number;
}

/** @throws ExpectedError `selection/noSuchModule`, `selection/budgetTooSmall` */
export function planSelection(
  { config, parameterCount }: Pick<Checkpoint, 'config' | 'parameterCount'>,
  options: SelectionOptions,
): SelectionPlan {
  const available = linearModules(config);
  const modules = options.targetModules === undefined ? available : matchingModules(available, options.targetModules);
  const k = connectionsPerNeuron(modules, parameterCount, options);
  return { modules, k, trainableParameters: trainableParameters(modules, k, options.neuronShare) };
}

/**
 * Selects connections; the same checkpoint, options and seed give the same selection, and random choices of a module do
 * not depend on which other modules are selected. Memory: two blocks of 4 MiB and the selection itself.
 * @throws ExpectedError `selection/…`, CancelledError
 */
export async function selectConnections(
  checkpoint: Checkpoint,
  options: SelectionOptions,
  seed: number,
  hooks: SelectionHooks = {},
): Promise<Selection> {
  const plan = planSelection(checkpoint, options);
  const totalRows = plan.modules.reduce((total, { rows }) => total + rows, 0);
  const workingRows = new Map<string, MagnitudeRow>();
  const modules: SelectedModule[] = [];
  const statistics: ModuleStatistics[] = [];
  let doneRows = 0;
  for (const target of plan.modules) {
    if (hooks.signal?.aborted === true) throw new CancelledError();
    const source = moduleSource(checkpoint, target);
    const scores = options.strategy === 'gradient' ? await moduleScores(target, hooks) : undefined;
    const selected = await selectModule(source, workingRow(source, workingRows), {
      strategy: options.strategy,
      k: Math.min(plan.k, target.columns),
      neurons: chooseNeurons(target, options.neuronShare, seed),
      seed,
      ...(scores === undefined ? {} : { scores }),
      signal: hooks.signal,
      onRows: (count) => {
        doneRows += count;
        hooks.onProgress?.(doneRows, totalRows);
      },
    });
    modules.push(selected.selection);
    statistics.push(selected.statistics);
  }
  return { modules, statistics: summary(checkpoint, options, seed, plan, statistics) };
}

function moduleSource(checkpoint: Checkpoint, target: TargetModule): ModuleSource {
  const name = `${target.module}.weight`;
  const { file, entry } = checkpoint.tensor(name);
  const { dtype } = entry;
  if (!isWeightDtype(dtype)) {
    const fix = 'Convert the checkpoint to one of these types.';
    const place = { file: file.path, tensor: name };
    throw new ExpectedError('selection/unsupportedDtype', `expected F32, F16 or BF16, found ${dtype}`, fix, place);
  }
  return { ...target, dtype, file: file.path, read: (offset, into) => file.readInto(name, offset, into) };
}

/** Working memory for rows of this length, made once. */
function workingRow({ columns, dtype }: ModuleSource, made: Map<string, MagnitudeRow>): MagnitudeRow {
  const key = `${String(columns)} ${dtype}`;
  const rowBytes = columns * (dtype === 'F32' ? 4 : 2);
  const row = made.get(key) ?? createMagnitudeRow(columns, rowsPerBlock(rowBytes) * rowBytes);
  made.set(key, row);
  return row;
}

async function moduleScores({ module }: TargetModule, { gradientScores }: SelectionHooks): Promise<Float32Array> {
  if (gradientScores !== undefined) return gradientScores(module);
  throw new ExpectedError(
    'selection/noGradient',
    'the gradient strategy needs gradients over training data, found none',
    'Name training data (data.train), or choose another strategy.',
    { field: 'selection.strategy' },
  );
}

/** The neurons that take part: all, or a random choice that depends on the seed and the module's name alone. */
function chooseNeurons({ module, rows }: TargetModule, neuronShare: number, seed: number): Int32Array | null {
  const count = participatingNeurons(rows, neuronShare);
  if (count === rows) return null;
  const neurons = new Int32Array(count);
  createSampler(seed, `neurons of ${module}`, count, rows)(neurons, 0);
  return neurons;
}

function summary(
  { parameterCount }: Checkpoint,
  { strategy, neuronShare }: SelectionOptions,
  seed: number,
  plan: SelectionPlan,
  modules: readonly ModuleStatistics[],
): SelectionStatistics {
  return {
    schemaVersion: SELECTION_SCHEMA_VERSION,
    strategy,
    seed,
    k: plan.k,
    neuronShare,
    trainableParameters: plan.trainableParameters,
    totalParameters: parameterCount,
    trainableShare: plan.trainableParameters / parameterCount,
    modules,
  };
}
