/** Selected entries on disk: `selection.safetensors` with positions and originals, `selection.json` with statistics. */
import { join } from 'node:path';
import type { ModelConfig } from '../checkpoint/config/modelConfig.ts';
import { openSafetensors } from '../checkpoint/safetensors/safetensorsReader.ts';
import { writeSafetensors } from '../checkpoint/safetensors/safetensorsWriter.ts';
import { writeFileAtomically } from '../files/atomicFile.ts';
import { ENTRY_TENSORS } from '../protocol/runs/adapter.ts';
import { RUN_FILES } from '../protocol/runs/runFolder.ts';
import { SELECTION_SCHEMA_VERSION } from '../protocol/runs/selectionStatistics.ts';
import type { EntrySelection, SelectedEntries } from './entrySelection.ts';
import { entryTensors, readEntries } from './entryTensors.ts';
import { invalidTensor, modulesInFile } from './selectionTensors.ts';
import { linearModules } from './targetModules.ts';

const SUFFIXES = [ENTRY_TENSORS.positions, ENTRY_TENSORS.originals].map((suffix) => `.weight${suffix}`);

/** Writes both files into the folder, which exists; each appears as a whole. */
export async function writeEntrySelection(folder: string, { modules, statistics }: EntrySelection): Promise<void> {
  const metadata = { format: 'neuroada-entries', schema_version: String(SELECTION_SCHEMA_VERSION) };
  const tensors = modules.flatMap((entries) => entryTensors(`${entries.module}.weight`, entries));
  await writeSafetensors(join(folder, RUN_FILES.selection), tensors, metadata);
  await writeFileAtomically(join(folder, RUN_FILES.selectionStatistics), `${JSON.stringify(statistics, null, 2)}\n`);
}

/**
 * Reads the entries back, in the order of the base's modules, everything checked.
 * @throws ExpectedError `selection/invalidTensor`, `checkpoint/corruptHeader`, `files/…`
 */
export async function readEntrySelection(folder: string, config: ModelConfig): Promise<readonly SelectedEntries[]> {
  const path = join(folder, RUN_FILES.selection);
  const file = await openSafetensors(path);
  try {
    const present = new Set(modulesInFile(file, SUFFIXES));
    const selected: SelectedEntries[] = [];
    for (const target of linearModules(config)) {
      if (!present.delete(target.module)) continue;
      const entries = await readEntries(file, `${target.module}.weight`, target.rows * target.columns);
      selected.push({ ...target, ...entries });
    }
    const [unknown] = present;
    if (unknown !== undefined) throw invalidTensor(path, unknown, 'expected a module of the base');
    return selected;
  } finally {
    await file.close();
  }
}
