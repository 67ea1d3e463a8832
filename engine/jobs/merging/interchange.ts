/** Adapters from and to PEFT's sparse formats, and adapters out of the difference of two checkpoints. */
import { join } from 'node:path';
import { readAdapterAbout } from '../../adapter/adapterAbout.ts';
import { writeChangesAdapter, type ParameterChange } from '../../adapter/changesAdapter.ts';
import { readHeadFile } from '../../adapter/headFile.ts';
import {
  openPeftSparse,
  writeSupertuning,
  type OpenPeftSparse,
  type SparseModule,
} from '../../adapter/peftSparseAdapter.ts';
import { openCheckpoint, type Checkpoint } from '../../checkpoint/checkpoint.ts';
import { checkpointFingerprint } from '../../checkpoint/fingerprint.ts';
import { expectedTensors } from '../../checkpoint/config/modelConfig.ts';
import { CancelledError, ExpectedError } from '../../errors/expected.ts';
import { createFolderAtomically } from '../../files/atomicFolder.ts';
import { changedTensors } from '../../merge/changes/adapterChanges.ts';
import { withAdapters } from '../../merge/adapterEntries.ts';
import { parameterDifference } from '../../merge/changes/parameterDifference.ts';
import { CHANGES_SCHEMA_VERSION, type ChangesConfig } from '../../protocol/runs/adapter.ts';
import { ADAPTER_FILES } from '../../protocol/runs/runFolder.ts';
import { withOriginals } from '../../selection/entrySelection.ts';
import { linearModules, type TargetModule } from '../../selection/targetModules.ts';
import type {
  DifferenceRequest,
  DifferenceResult,
  ExportRequest,
  ExportResult,
  ImportRequest,
  ImportResult,
  Job,
} from '../contract.ts';
import { PRODUCT_VERSION } from '../productVersion.ts';
import { peftTask, taskType } from '../training/runAdapter.ts';

/** @throws ExpectedError `adapter/…`, `checkpoint/…`, `files/exists` */
export const exportJob: Job<ExportRequest, ExportResult> = async ({ adapter, base, output }) => {
  const about = await readAdapterAbout(adapter);
  if ((await readHeadFile(adapter)) !== undefined) throw withClassifier(adapter);
  const checkpoint = await openCheckpoint(base ?? about.base);
  try {
    const modules = await sparseModules(adapter, checkpoint);
    let padding = 0;
    await createFolderAtomically(output, async (folder) => {
      padding = await writeSupertuning(folder, checkpoint.folder, peftTask(checkpoint.config.modelType), modules);
    });
    const entries = modules.reduce((total, { positions }) => total + positions.length, 0);
    return { output, modules: modules.length, entries, padding };
  } finally {
    await checkpoint.close();
  }
};

async function sparseModules(adapter: string, checkpoint: Checkpoint): Promise<readonly SparseModule[]> {
  const linear = new Map(linearModules(checkpoint.config).map((target) => [`${target.module}.weight`, target]));
  return withAdapters([adapter], async ([opened]) => {
    const modules: SparseModule[] = [];
    for (const tensor of opened === undefined ? [] : changedTensors(opened, checkpoint.config)) {
      const change = await opened!.readChange(tensor);
      const target = linear.get(tensor.name);
      if (change.kind !== 'entries' || target === undefined) throw notSparse(adapter, tensor.name);
      const { elements, deltas } = change.entries;
      modules.push({ ...target, positions: Int32Array.from(elements), deltas: deltas.slice() });
    }
    return modules;
  });
}

/** @throws ExpectedError `adapter/…`, `selection/invalidTensor`, `checkpoint/…`, `files/exists` */
export const importJob: Job<ImportRequest, ImportResult> = async ({ adapter, base, output }) => {
  const opened = await openPeftSparse(adapter);
  try {
    const checkpoint = await openCheckpoint(base ?? opened.base);
    try {
      const changes: ParameterChange[] = [];
      for (const target of targetsOf(opened, checkpoint, adapter)) {
        const { positions, deltas } = await opened.readModule(target);
        if (positions.length === 0) continue;
        const { dtype, originals } = await withOriginals(checkpoint, target, positions);
        changes.push({ kind: 'entries', tensor: `${target.module}.weight`, dtype, positions, originals, deltas });
      }
      if (changes.length === 0) throw withoutChanges(adapter);
      const config = await changesConfig(checkpoint, opened.method, changes);
      await createFolderAtomically(output, (folder) => writeChangesAdapter(folder, config, changes));
      return { output, modules: changes.length, entries: config.trainable_parameters };
    } finally {
      await checkpoint.close();
    }
  } finally {
    await opened.close();
  }
};

function targetsOf({ modules }: OpenPeftSparse, { config }: Checkpoint, folder: string): readonly TargetModule[] {
  const available = linearModules(config);
  const names = new Set(available.map(({ module }) => module));
  const unknown = [...modules].find((module) => !names.has(module));
  if (unknown === undefined) return available.filter(({ module }) => modules.has(module));
  throw new ExpectedError(
    'adapter/otherArchitecture',
    `the adapter adapts ${unknown}, which the base does not have`,
    'Take the base checkpoint that the adapter was trained on.',
    { file: join(folder, ADAPTER_FILES.model), tensor: unknown },
  );
}

/**
 * What turns one checkpoint into another, so exactly that merging it gives the other's bytes.
 *
 * @throws ExpectedError `difference/otherArchitecture`, `difference/none`, `checkpoint/…`, `files/exists`; CancelledError
 */
export const differenceJob: Job<DifferenceRequest, DifferenceResult> = async (request, observer, signal) => {
  const [base, tuned] = [await openCheckpoint(request.base), await openCheckpoint(request.tuned)];
  try {
    if (hasClassifier(tuned) && !hasClassifier(base)) throw withNewClassifier(request.tuned);
    const expected = expectedTensors(base.config);
    const changes: ParameterChange[] = [];
    for (const [done, { name, shape }] of expected.entries()) {
      if (signal.aborted) throw new CancelledError();
      observer.onProgress?.({ phase: 'comparing', done, total: expected.length });
      const change = parameterDifference(base.tensor(name), tensorOf(tuned, name, shape), {
        base: await base.readRaw(name),
        tuned: await tuned.readRaw(name),
      });
      if (change !== undefined) changes.push(change);
    }
    if (changes.length === 0) throw withoutDifference(request.tuned);
    const config = await changesConfig(base, 'difference', changes);
    await createFolderAtomically(request.output, (folder) => writeChangesAdapter(folder, config, changes));
    return {
      output: request.output,
      parameters: changes.length,
      entries: config.trainable_parameters,
      replaced: changes.filter(({ kind }) => kind === 'values').length,
    };
  } finally {
    await base.close();
    await tuned.close();
  }
};

function hasClassifier({ config }: Checkpoint): boolean {
  return config.family === 'encoder' && config.naming.hasClassifier;
}

function tensorOf(checkpoint: Checkpoint, name: string, shape: readonly number[]): ReturnType<Checkpoint['tensor']> {
  const placed = checkpoint.tensors.get(name);
  if (placed?.entry.shape.join() === shape.join()) return placed;
  throw new ExpectedError(
    'difference/otherArchitecture',
    `expected the tensor ${name} of shape [${shape.join(', ')}], as the base has it, found ${placed === undefined ? 'none' : `[${placed.entry.shape.join(', ')}]`}`,
    'Name two checkpoints of one architecture and size.',
    { file: checkpoint.folder, tensor: name },
  );
}

async function changesConfig(
  base: Checkpoint,
  method: string,
  changes: readonly ParameterChange[],
): Promise<ChangesConfig> {
  return {
    peft_type: 'NEUROADA',
    schema_version: CHANGES_SCHEMA_VERSION,
    method,
    task_type: taskType(base.config.modelType),
    inference_mode: true,
    base_model_name_or_path: base.folder,
    base_fingerprint: await checkpointFingerprint(base),
    base_model_type: base.config.modelType,
    target_parameters: changes.map(({ tensor }) => tensor),
    trainable_parameters: changes.reduce(
      (total, change) => total + (change.kind === 'values' ? change.values.length : change.positions.length),
      0,
    ),
    total_parameters: base.parameterCount,
    neuroada_version: PRODUCT_VERSION,
  };
}

function notSparse(file: string, tensor: string): ExpectedError {
  return new ExpectedError(
    'adapter/notSparse',
    'expected an adapter that changes entries of linear layers, found one that changes whole parameters',
    "Export an adapter of a sparse method; LoRA adapters are in PEFT's format already.",
    { file, tensor },
  );
}

function withClassifier(file: string): ExpectedError {
  return new ExpectedError(
    'adapter/withClassifier',
    "expected an adapter without a classifier: PEFT's sparse format has changes of linear layers only",
    'Merge the adapter into its base; transformers opens the merged model with its classifier.',
    { file },
  );
}

function withNewClassifier(file: string): ExpectedError {
  return new ExpectedError(
    'difference/newClassifier',
    'expected a checkpoint with the tensors of the base only, found a classifier too, which the base does not have',
    'Name a base that has a classifier with as many labels, or keep the tuned checkpoint whole.',
    { file },
  );
}

function withoutChanges(file: string): ExpectedError {
  return new ExpectedError(
    'adapter/withoutChanges',
    'expected values other than zero, found none: the adapter changes nothing',
    'Take the adapter after its training.',
    { file },
  );
}

function withoutDifference(file: string): ExpectedError {
  return new ExpectedError(
    'difference/none',
    'expected weights that differ from those of the base, found none',
    'Name the checkpoint that was made from the base.',
    { file },
  );
}
