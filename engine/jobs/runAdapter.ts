/** The adapter of a run: its selection with the deltas as they are now. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAdapter, type AdapterModule } from '../adapter/adapter.ts';
import { removeFolderAtomically } from '../files/atomicFolder.ts';
import { ADAPTER_SCHEMA_VERSION, type AdapterConfig } from '../protocol/adapter.ts';
import { RUN_FILES, type RunRecord } from '../protocol/runFolder.ts';
import type { Selection } from '../selection/selection.ts';
import type { DeltaLayout } from '../training/deltaLayout.ts';

/** Writes the run's adapter; one of an earlier stop is replaced. */
export async function writeRunAdapter(
  runFolder: string,
  record: RunRecord,
  selection: Selection,
  layout: DeltaLayout,
  deltas: Float32Array,
): Promise<void> {
  const folder = join(runFolder, RUN_FILES.adapter);
  if (await exists(folder)) await removeFolderAtomically(folder);
  await writeAdapter(folder, adapterConfig(record, selection), adapterModules(selection, layout, deltas));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function adapterConfig({ base, productVersion }: RunRecord, { modules, statistics }: Selection): AdapterConfig {
  return {
    peft_type: 'NEUROADA',
    schema_version: ADAPTER_SCHEMA_VERSION,
    task_type: 'CAUSAL_LM',
    inference_mode: true,
    base_model_name_or_path: base.path,
    base_fingerprint: base.fingerprint,
    base_model_type: base.modelType,
    target_modules: modules.map(({ module }) => module),
    strategy: statistics.strategy,
    k: statistics.k,
    neuron_share: statistics.neuronShare,
    trainable_parameters: statistics.trainableParameters,
    total_parameters: statistics.totalParameters,
    neuroada_version: productVersion,
  };
}

/** The selection with each module's part of the flat array of deltas. */
function adapterModules({ modules }: Selection, layout: DeltaLayout, deltas: Float32Array): readonly AdapterModule[] {
  const ranges = new Map(
    layout.projections.flatMap((projection) =>
      projection.modules.map((module) => [module.selection.module, module] as const),
    ),
  );
  return modules.map((selected) => {
    const range = ranges.get(selected.module);
    if (range === undefined) throw new Error(`the layout has no deltas for ${selected.module}`);
    return { ...selected, deltas: deltas.slice(range.offset, range.offset + range.length) };
  });
}
