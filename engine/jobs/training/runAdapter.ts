/** The adapter of a run: what it trained, as it is now, in the format of its method. */
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAdapter, type AdapterModule } from '../../adapter/adapter.ts';
import { writeChangesAdapter, type ParameterChange } from '../../adapter/changesAdapter.ts';
import { writeHeadFile } from '../../adapter/headFile.ts';
import { writeLoraAdapter, type LowRankModule } from '../../adapter/loraAdapter.ts';
import { ENCODER_TYPES } from '../../checkpoint/config/encoderConfig.ts';
import type { ModelConfig } from '../../checkpoint/config/modelConfig.ts';
import { removeFolderAtomically } from '../../files/atomicFolder.ts';
import {
  ADAPTER_SCHEMA_VERSION,
  CHANGES_SCHEMA_VERSION,
  type AdapterConfig,
  type ChangesConfig,
  type PeftTask,
} from '../../protocol/runs/adapter.ts';
import { RUN_FILES, type RunRecord } from '../../protocol/runs/runFolder.ts';
import type { SelectionStatistics } from '../../protocol/runs/selectionStatistics.ts';
import type { Trainable } from '../../training/layouts/trainable.ts';
import type { TrainableLayout } from '../../training/layouts/trainableLayout.ts';
import {
  entryChanges,
  headTensors,
  lowRankModules,
  selectedModules,
  wholeParameters,
} from '../preparation/trainedParts.ts';
import type { TrainableChoice } from '../preparation/trainableChoice.ts';

/** Writes the run's adapter; one of an earlier stop is replaced. */
export async function writeRunAdapter(
  runFolder: string,
  record: RunRecord,
  { trainable, statistics }: TrainableChoice,
  config: ModelConfig,
  layout: TrainableLayout,
  values: Float32Array,
): Promise<void> {
  const folder = join(runFolder, RUN_FILES.adapter);
  if (await exists(folder)) await removeFolderAtomically(folder);
  if (config.family === 'encoder') {
    const { labels, problem } = config.classifier;
    await mkdir(folder, { recursive: true });
    await writeHeadFile(folder, { labels, problem, tensors: headTensors(layout, values) });
  }
  switch (trainable.method) {
    case 'neuroada':
    case 'masked': {
      const modules = selectedModules(trainable.modules, config, layout, values);
      return writeAdapter(folder, adapterConfig(record, statistics, modules), modules);
    }
    case 'superTuning':
    case 'shira': {
      const changes = entryChanges(trainable.modules, layout, values);
      return writeChangesAdapter(folder, changesConfig(record, trainable, statistics, changes), changes);
    }
    case 'full':
    case 'bitfit': {
      const changes = wholeParameters(trainable.tensors, config, layout, values);
      return writeChangesAdapter(folder, changesConfig(record, trainable, statistics, changes), changes);
    }
    case 'lora':
      return writeLora(folder, record, trainable.lora, lowRankModules(layout, values));
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** What PEFT calls the task of a model of this type. */
export function taskType(modelType: string): AdapterConfig['task_type'] {
  return ENCODER_TYPES.some((type) => type === modelType) ? 'SEQ_CLS' : 'CAUSAL_LM';
}

/** As which model PEFT opens an adapter of such a model in its own formats. */
export function peftTask(modelType: string): PeftTask {
  return taskType(modelType) === 'SEQ_CLS' ? 'FEATURE_EXTRACTION' : 'CAUSAL_LM';
}

function adapterConfig(
  { base, productVersion }: RunRecord,
  statistics: SelectionStatistics,
  modules: readonly AdapterModule[],
): AdapterConfig {
  return {
    peft_type: 'NEUROADA',
    schema_version: ADAPTER_SCHEMA_VERSION,
    task_type: taskType(base.modelType),
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

function changesConfig(
  { base, productVersion }: RunRecord,
  { method }: Trainable,
  { trainableParameters, totalParameters }: SelectionStatistics,
  changes: readonly ParameterChange[],
): ChangesConfig {
  return {
    peft_type: 'NEUROADA',
    schema_version: CHANGES_SCHEMA_VERSION,
    method,
    task_type: taskType(base.modelType),
    inference_mode: true,
    base_model_name_or_path: base.path,
    base_fingerprint: base.fingerprint,
    base_model_type: base.modelType,
    target_parameters: changes.map(({ tensor }) => tensor),
    trainable_parameters: trainableParameters,
    total_parameters: totalParameters,
    neuroada_version: productVersion,
  };
}

async function writeLora(
  folder: string,
  { base, productVersion, configuration }: RunRecord,
  { r, alpha, dropout }: RunRecord['configuration']['lora'],
  modules: readonly LowRankModule[],
): Promise<void> {
  const about = { base: configuration.base, baseFingerprint: base.fingerprint, rank: r, alpha, dropout };
  await writeLoraAdapter(folder, peftTask(base.modelType), { ...about, version: productVersion }, modules);
}
