/** A selection that belongs to no run as a source of connections. */
import { basename, join } from 'node:path';
import { openSafetensors } from '../../checkpoint/safetensors/safetensorsReader.ts';
import type { SelectionSource } from '../../protocol/connections/connectionSource.ts';
import { RUN_FILES } from '../../protocol/runs/runFolder.ts';
import { openFileSource } from './fileSource.ts';
import { shapesOf } from './moduleShapes.ts';
import type { OpenSource } from './openSource.ts';
import { readSelectionSummary } from './selectionSummary.ts';

/** @throws ExpectedError `selection/…`, `checkpoint/corruptHeader`, `files/…` */
export async function openSelectionSource(source: SelectionSource): Promise<OpenSource> {
  const summary = await readSelectionSummary(source.folder);
  return openFileSource({
    file: await openSafetensors(join(source.folder, RUN_FILES.selection)),
    base: undefined,
    shapes: shapesOf(summary.modules, 'selection'),
    about: {
      source,
      name: basename(source.folder),
      strategy: summary.strategy,
      k: summary.k,
      totalParameters: summary.totalParameters,
    },
    openDeltas: null,
  });
}
