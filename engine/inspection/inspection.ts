/** Answers to every question about connections: each reads what it needs, through what is open and kept already. */
import { ExpectedError } from '../errors/expected.ts';
import type { InspectionMethod, InspectionRequests, Link } from '../protocol/connections/inspection.ts';
import type { JobProgress } from '../protocol/rpc.ts';
import { createComparison } from './overview/comparison.ts';
import { connectionList } from './neurons/connectionList.ts';
import { differenceTile } from './tiles/differenceTile.ts';
import { EntriesCache } from './entriesCache.ts';
import { inputChoice } from './neurons/inputChoice.ts';
import { feedersOf, readersOf, sharingInput, type LinkShape } from './neurons/links.ts';
import { marginsOf } from './tiles/margins.ts';
import type { ModuleEntries } from './entries/moduleEntries.ts';
import { neuronDetails } from './neurons/neuronDetails.ts';
import { OverviewReader } from './overview/overviewReader.ts';
import { selectionTile } from './tiles/selectionTile.ts';
import { identify } from './source/identification.ts';
import type { OpenSource } from './source/openSource.ts';
import { SourcePool } from './source/sourcePool.ts';
import { tensorStatistics } from './tensors/tensorStatistics.ts';
import { tensorTable } from './tensors/tensorTable.ts';
import { positionGrid, tileGrid } from './tiles/tileGrid.ts';
import { readRow, weightMatrix, type WeightMatrix } from './tiles/weightMatrix.ts';
import { weightTile } from './tiles/weightTile.ts';

/** One answer by method: parameters, cancellation and progress in, result out. */
export type InspectionTable = {
  readonly [M in InspectionMethod]: (
    params: InspectionRequests[M]['params'],
    signal: AbortSignal,
    onProgress: (progress: JobProgress) => void,
  ) => Promise<InspectionRequests[M]['result']>;
};

export interface Inspection {
  readonly table: InspectionTable;
  /** Closes the files that no request uses. */
  readonly close: () => Promise<void>;
}

export function createInspection(): Inspection {
  const pool = new SourcePool();
  const cache = new EntriesCache();
  const overviews = new OverviewReader(cache);
  const table: InspectionTable = {
    'inspection/identify': ({ path }) => identify(path),
    'inspection/describe': ({ source }) => pool.describe(source),
    'inspection/overview': ({ source, modules }, signal) =>
      pool.use(source, (open) => overviews.read(open, modules, signal)),
    'inspection/margins': ({ source, module, rowOrder, columnOrder }, signal) =>
      pool.use(source, async (open) => marginsOf(await cache.read(open, module, signal), rowOrder, columnOrder)),
    'inspection/selection': ({ source, window }, signal) =>
      pool.use(source, async (open) => {
        const entries = await cache.read(open, window.module, signal);
        return selectionTile(tileGrid(window, entries), entries);
      }),
    'inspection/weights': ({ source, window }, signal) =>
      pool.use(source, async (open) => {
        const matrix = baseMatrix(open, window.module);
        const entries = await cache.read(open, window.module, signal);
        return weightTile(tileGrid(window, entries), matrix, signal);
      }),
    'inspection/difference': ({ left, right, window }, signal) =>
      pool.use(left, (openLeft) =>
        pool.use(right, async (openRight) => {
          const entries = await alike(cache, openLeft, openRight, window.module, signal);
          return differenceTile(tileGrid(window, entries.left), entries.left, entries.right);
        }),
      ),
    'inspection/connections': ({ source, window, limit }, signal) =>
      pool.use(source, async (open) => {
        const entries = await cache.read(open, window.module, signal);
        return connectionList(positionGrid(window, entries), entries, limit);
      }),
    'inspection/neuron': ({ source, module, row, bins }, signal) =>
      pool.use(source, async (open) => {
        const entries = await cache.read(open, module, signal);
        if (!(row >= 0 && row < entries.rows)) throw new RangeError(`row ${row} of ${entries.rows}`);
        const weights = open.base === undefined ? null : await readRow(weightMatrix(open.base, module), row);
        return neuronDetails(entries, row, weights, bins, readersOf(module, row, linkShape(open)));
      }),
    'inspection/input': ({ source, module, column }, signal) =>
      pool.use(source, async (open) => {
        const sharing = sharingInput(module).filter((name) => isDescribed(open, name));
        const entries = await Promise.all(sharing.map((name) => cache.read(open, name, signal)));
        const fedBy: readonly Link[] = feedersOf(module, column, linkShape(open));
        return { chosenBy: entries.map((each) => inputChoice(each, column)), fedBy };
      }),
    'inspection/comparison': ({ left, right, modules, limit }, signal) =>
      pool.use(left, (openLeft) =>
        pool.use(right, async (openRight) => {
          const comparison = createComparison(limit);
          for (const module of modules) {
            const entries = await alike(cache, openLeft, openRight, module, signal);
            comparison.add(entries.left, entries.right);
          }
          return comparison.result();
        }),
      ),
    'inspection/tensors': ({ file }) => tensorTable(file),
    'inspection/tensorStatistics': ({ file, tensor, bins }, signal, onProgress) =>
      tensorStatistics({
        ...{ file, tensor, bins, signal },
        onBytes: (done, total) => {
          onProgress({ phase: 'statistics', done, total });
        },
      }),
  };
  return { table, close: () => pool.close() };
}

function isDescribed({ description }: OpenSource, module: string): boolean {
  return description.modules.some((described) => described.module === module);
}

/** The module's entries of two sources. */
async function alike(
  cache: EntriesCache,
  openLeft: OpenSource,
  openRight: OpenSource,
  module: string,
  signal: AbortSignal,
): Promise<{ readonly left: ModuleEntries; readonly right: ModuleEntries }> {
  const left = await cache.read(openLeft, module, signal);
  const right = await cache.read(openRight, module, signal);
  if (left.rows === right.rows && left.columns === right.columns) return { left, right };
  throw new ExpectedError(
    'inspection/otherShape',
    `expected modules of one shape, found ${left.rows} x ${left.columns} and ${right.rows} x ${right.columns}`,
    'Compare sources of the same base checkpoint.',
    { tensor: module },
  );
}

/** @throws ExpectedError `inspection/noBase` */
function baseMatrix({ base, description }: OpenSource, module: string): WeightMatrix {
  if (base !== undefined) return weightMatrix(base, module);
  throw new ExpectedError(
    'inspection/noBase',
    `the base's weights cannot be read: ${description.baseProblem ?? 'the files name no base'}`,
    'Put the base checkpoint where the adapter or run says; selected weights are shown without it.',
    { tensor: module },
  );
}

function linkShape({ base, description }: OpenSource): LinkShape {
  const layers = description.layers.at(-1);
  const config = base?.config;
  const attention = config?.family === 'encoder' ? { ...config, keyValueHeadCount: config.headCount } : config;
  return { layerCount: base?.config.layerCount ?? (layers ?? -1) + 1, attention };
}
