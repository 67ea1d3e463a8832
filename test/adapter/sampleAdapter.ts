/** Adapters with made-up deltas on the golden checkpoints, for tests. */
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AdapterModule } from '../../engine/adapter/adapter.ts';
import { openCheckpoint, type Checkpoint } from '../../engine/checkpoint/checkpoint.ts';
import { checkpointFingerprint } from '../../engine/checkpoint/fingerprint.ts';
import { ADAPTER_SCHEMA_VERSION, type AdapterConfig } from '../../engine/protocol/runs/adapter.ts';
import { selectConnections, type SelectionOptions } from '../../engine/selection/selection.ts';

export const ARCHITECTURES = new URL('../golden/architectures/', import.meta.url).pathname;

export interface SampleAdapter {
  readonly config: AdapterConfig;
  readonly modules: readonly AdapterModule[];
}

/** Selects on the checkpoint; `delta` gives the delta of each entry, counted through all modules. */
export async function sampleAdapter(
  checkpoint: Checkpoint,
  options: Partial<SelectionOptions> = {},
  delta: (entry: number) => number = (entry) => Math.sin(entry + 1) / 8,
): Promise<SampleAdapter> {
  const complete = { strategy: 'magnitude', neuronShare: 1, gradientBatches: 8, k: 2, ...options } as const;
  const { modules, statistics } = await selectConnections(checkpoint, complete, 42);
  let entry = 0;
  const withDeltas = modules.map((module) => ({
    ...module,
    deltas: Float32Array.from(module.indices, () => delta(entry++)),
  }));
  const config: AdapterConfig = {
    peft_type: 'NEUROADA',
    schema_version: ADAPTER_SCHEMA_VERSION,
    task_type: 'CAUSAL_LM',
    inference_mode: true,
    base_model_name_or_path: checkpoint.folder,
    base_fingerprint: await checkpointFingerprint(checkpoint),
    base_model_type: checkpoint.config.modelType,
    target_modules: modules.map(({ module }) => module),
    strategy: statistics.strategy,
    k: statistics.k,
    neuron_share: statistics.neuronShare,
    trainable_parameters: statistics.trainableParameters,
    total_parameters: statistics.totalParameters,
    neuroada_version: '0.0.0-test',
  };
  return { config, modules: withDeltas };
}

/** The same on the golden checkpoint of this name. */
export async function sampleAdapterOf(
  name: string,
  options?: Partial<SelectionOptions>,
  delta?: (entry: number) => number,
): Promise<SampleAdapter> {
  const checkpoint = await openCheckpoint(join(ARCHITECTURES, name));
  try {
    return await sampleAdapter(checkpoint, options, delta);
  } finally {
    await checkpoint.close();
  }
}

export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'neuroada-test-'));
}

/** A copy of a golden checkpoint that a test may change. */
export async function copyOfCheckpoint(name: string, into: string): Promise<string> {
  const folder = join(into, name);
  await cp(join(ARCHITECTURES, name), folder, { recursive: true });
  return folder;
}
