/** Selects the connections of one module while its weights stream by. */
import { CancelledError, ExpectedError } from '../errors/expected.ts';
import type { ModuleStatistics } from '../protocol/runs/selectionStatistics.ts';
import type { MagnitudeRow } from './magnitudeRow.ts';
import { createStatisticsGatherer } from './moduleStatistics.ts';
import { readRowBlocks } from './rowBlocks.ts';
import { createSampler } from './sampling.ts';
import type { TargetModule } from './targetModules.ts';
import { createRowSelector } from './topK.ts';
import type { WeightDtype } from './weightDtype.ts';

/** Selected connections of a module's R participating neurons. */
export interface ModuleSelection extends TargetModule {
  /** Connections of each neuron. */
  readonly k: number;
  /** Participating rows, ascending; null where all do. */
  readonly neurons: Int32Array | null;
  /** Columns [R * k], ascending within each neuron. */
  readonly indices: Int32Array;
}

/** A selection with the weights that it selects. */
export interface SelectedModule extends ModuleSelection {
  /** Element type of the module's weights. */
  readonly dtype: WeightDtype;
  /** The weights' own bytes at the selected entries [R * k elements]. */
  readonly originals: Uint8Array<ArrayBuffer>;
}

/** Which connections of a neuron are taken: those of largest or smallest |W|, random ones, or of the largest score. */
export type Strategy = 'magnitude' | 'reverse' | 'random' | 'gradient';

export interface ModuleSource extends TargetModule {
  readonly dtype: WeightDtype;
  /** File of the weights, for errors. */
  readonly file: string;
  /** Fills `into` with the weight's bytes from byte `offset` on. */
  readonly read: (offset: number, into: Uint8Array) => Promise<void>;
}

export interface ModuleSelectionOptions {
  readonly strategy: Strategy;
  /** At most the module's columns. */
  readonly k: number;
  readonly neurons: Int32Array | null;
  readonly seed: number;
  /** Non-negative [rows, columns], for the gradient strategy. */
  readonly scores?: Float32Array;
  /** Told the rows that were worked on since it was told last. */
  readonly onRows: (count: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Selects in one pass over the weights; `row` is the working memory, its blocks large enough. */
export async function selectModule(
  source: ModuleSource,
  row: MagnitudeRow,
  options: ModuleSelectionOptions,
): Promise<{ readonly selection: SelectedModule; readonly statistics: ModuleStatistics }> {
  const { module, rows, columns, dtype } = source;
  const { k, neurons } = options;
  const elementBytes = dtype === 'F32' ? 4 : 2;
  const count = (neurons?.length ?? rows) * k;
  const indices = new Int32Array(count);
  const Elements = dtype === 'F32' ? Uint32Array : Uint16Array;
  const originals = new Elements(count);
  const areas = row.blocks.map(
    ({ buffer, byteOffset, byteLength }) => new Elements(buffer, byteOffset, byteLength / elementBytes),
  );
  const select = createRowChoice(source, row, options);
  const statistics = createStatisticsGatherer(source, k);
  const rowBytes = columns * elementBytes;
  let neuron = 0;
  for await (const block of readRowBlocks(rows, rowBytes, row.blocks, source.read)) {
    if (options.signal?.aborted === true) throw new CancelledError();
    const weights = areas[block.area]!;
    const end = block.firstRow + block.rowCount;
    for (; neuron * k < count; neuron += 1) {
      const rowIndex = neurons === null ? neuron : neurons[neuron]!;
      if (rowIndex >= end) break;
      const rowOffset = (rowIndex - block.firstRow) * rowBytes;
      const load = (): void => row.loadFromBlock(dtype, block.area, rowOffset);
      select(rowIndex, load, indices, neuron * k);
      copyElements(weights, rowOffset / elementBytes, indices, neuron * k, k, originals);
      statistics.addRow(row, indices, neuron * k);
    }
    options.onRows(block.rowCount);
  }
  const selection = { module, rows, columns, dtype, k, neurons, indices, originals: new Uint8Array(originals.buffer) };
  return { selection, statistics: statistics.result() };
}

/** Chooses k columns of row `rowIndex` into `into`; leaves the row's weights loaded (through `load`) and checked. */
type RowChoice = (rowIndex: number, load: () => void, into: Int32Array, offset: number) => void;

function createRowChoice(source: ModuleSource, row: MagnitudeRow, options: ModuleSelectionOptions): RowChoice {
  const { strategy, k, scores, seed } = options;
  const loadWeights = (rowIndex: number, load: () => void): void => {
    load();
    if (!row.isFinite()) throw notFinite(source, rowIndex);
  };
  if (strategy === 'random') {
    const sample = createSampler(seed, `connections of ${source.module}`, k, source.columns);
    return (rowIndex, load, into, offset) => {
      loadWeights(rowIndex, load);
      sample(into, offset);
    };
  }
  const select = createRowSelector(row, k, strategy === 'reverse' ? 'smallest' : 'largest');
  if (strategy !== 'gradient') {
    return (rowIndex, load, into, offset) => {
      loadWeights(rowIndex, load);
      select(into, offset);
    };
  }
  const scoreBytes = scoreBytesOf(source, scores);
  const scoreRowBytes = source.columns * 4;
  return (rowIndex, load, into, offset) => {
    row.loadCopy('F32', scoreBytes.subarray(rowIndex * scoreRowBytes, (rowIndex + 1) * scoreRowBytes));
    if (!row.isFinite()) throw gradientNotFinite(source.module, rowIndex);
    select(into, offset);
    loadWeights(rowIndex, load);
  };
}

function scoreBytesOf({ module, rows, columns }: ModuleSource, scores: Float32Array | undefined): Uint8Array {
  if (scores?.length !== rows * columns) {
    throw new RangeError(`${module}: the gradient strategy needs ${rows} x ${columns} scores`);
  }
  return new Uint8Array(scores.buffer, scores.byteOffset, scores.byteLength);
}

/** Gathers the patterns of k weights of the row that begins at element `rowStart`. */
function copyElements(
  weights: Uint16Array | Uint32Array,
  rowStart: number,
  columns: Int32Array,
  offset: number,
  k: number,
  into: Uint16Array | Uint32Array,
): void {
  for (let i = offset; i < offset + k; i += 1) into[i] = weights[rowStart + columns[i]!]!;
}

function notFinite({ module, file }: ModuleSource, rowIndex: number): ExpectedError {
  return new ExpectedError(
    'selection/notFinite',
    `row ${rowIndex} holds an infinite weight or a weight that is no number (NaN)`,
    'The checkpoint is damaged: fetch it again, or take another.',
    { file, tensor: `${module}.weight` },
  );
}

function gradientNotFinite(module: string, rowIndex: number): ExpectedError {
  return new ExpectedError(
    'selection/gradientNotFinite',
    `row ${rowIndex} of the accumulated gradient holds an infinite value or one that is no number (NaN)`,
    'Select by magnitude, or look for damaged weights or empty examples.',
    { tensor: `${module}.weight` },
  );
}
