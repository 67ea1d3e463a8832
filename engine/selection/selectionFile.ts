/** A selection on disk: `selection.safetensors` and its statistics beside it in `selection.json`. */
import { join } from 'node:path';
import type { ModelConfig } from '../checkpoint/config/modelConfig.ts';
import { openSafetensors } from '../checkpoint/safetensors/safetensorsReader.ts';
import { writeSafetensors } from '../checkpoint/safetensors/safetensorsWriter.ts';
import { writeFileAtomically } from '../files/atomicFile.ts';
import { ADAPTER_TENSORS } from '../protocol/runs/adapter.ts';
import { RUN_FILES } from '../protocol/runs/runFolder.ts';
import { SELECTION_SCHEMA_VERSION } from '../protocol/runs/selectionStatistics.ts';
import type { SelectedModule } from './moduleSelection.ts';
import type { Selection } from './selection.ts';
import { bindToBase, invalidTensor, modulesInFile, readSelectedEntries, selectionTensors } from './selectionTensors.ts';
import { linearModules } from './targetModules.ts';

const SUFFIXES = [ADAPTER_TENSORS.indices, ADAPTER_TENSORS.originals, ADAPTER_TENSORS.neurons];

/** Writes both files into the folder, which exists; each appears as a whole. */
export async function writeSelection(folder: string, { modules, statistics }: Selection): Promise<void> {
  const metadata = { format: 'neuroada-selection', schema_version: String(SELECTION_SCHEMA_VERSION) };
  await writeSafetensors(join(folder, RUN_FILES.selection), modules.flatMap(selectionTensors), metadata);
  await writeFileAtomically(join(folder, RUN_FILES.selectionStatistics), `${JSON.stringify(statistics, null, 2)}\n`);
}

/**
 * Reads the selection back, in the order of the base's modules, everything in it checked.
 * @param config of the base that it was made for
 * @throws ExpectedError `selection/invalidTensor`, `checkpoint/corruptHeader`, `files/…`
 */
export async function readSelection(folder: string, config: ModelConfig): Promise<readonly SelectedModule[]> {
  const path = join(folder, RUN_FILES.selection);
  const file = await openSafetensors(path);
  try {
    const present = new Set(modulesInFile(file, SUFFIXES));
    const selected: SelectedModule[] = [];
    for (const target of linearModules(config)) {
      if (!present.delete(target.module)) continue;
      selected.push(bindToBase(await readSelectedEntries(file, target.module), target, path));
    }
    const [unknown] = present;
    if (unknown !== undefined) throw invalidTensor(path, unknown, 'expected a module of the base');
    return selected;
  } finally {
    await file.close();
  }
}
