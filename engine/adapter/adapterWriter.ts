/** Writes an adapter folder: the tensors and the configuration, each file whole or not at all. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSafetensors, type TensorToWrite } from '../checkpoint/safetensorsWriter.ts';
import { writeFileAtomically } from '../files/atomicFile.ts';
import { ADAPTER_SCHEMA_VERSION, ADAPTER_TENSORS } from '../protocol/adapter.ts';
import { ADAPTER_FILES } from '../protocol/runFolder.ts';
import type { ModuleSelection } from '../selection/moduleSelection.ts';
import type { Adapter, AdapterModule } from './adapter.ts';

/** Largest number of columns that 16-bit indices can name. */
const U16_COLUMNS = 65536;

/** Writes or replaces the adapter in `folder`. The tensors come first: a configuration tells that they are there. */
export async function writeAdapter(folder: string, adapter: Adapter): Promise<void> {
  await mkdir(folder, { recursive: true });
  const tensors = adapter.modules.flatMap(adapterTensors);
  const metadata = { format: 'pt', neuroada_schema_version: String(ADAPTER_SCHEMA_VERSION) };
  await writeSafetensors(join(folder, ADAPTER_FILES.model), tensors, metadata);
  const config = new TextEncoder().encode(`${JSON.stringify(adapter.config, undefined, 2)}\n`);
  await writeFileAtomically(join(folder, ADAPTER_FILES.config), config);
}

/** The connections of a selection as tensors, without what was trained. */
export function selectionTensors(selection: ModuleSelection, originals: Uint8Array, dtype: AdapterModule['dtype']): TensorToWrite[] {
  const { module, columns, k, neurons, indices } = selection;
  const shape = [indices.length / k, k];
  const isNarrow = columns <= U16_COLUMNS;
  return [
    {
      name: module + ADAPTER_TENSORS.indices,
      dtype: isNarrow ? 'U16' : 'I32',
      shape,
      bytes: bytesOf(isNarrow ? Uint16Array.from(indices) : indices),
    },
    { name: module + ADAPTER_TENSORS.originals, dtype, shape, bytes: originals },
    ...(neurons === null
      ? []
      : [{ name: module + ADAPTER_TENSORS.neurons, dtype: 'I32' as const, shape: [neurons.length], bytes: bytesOf(neurons) }]),
  ];
}

function adapterTensors({ selection, deltas, originals, dtype }: AdapterModule): TensorToWrite[] {
  const shape = [deltas.length / selection.k, selection.k];
  return [
    ...selectionTensors(selection, originals, dtype),
    { name: selection.module + ADAPTER_TENSORS.deltas, dtype: 'F32', shape, bytes: bytesOf(deltas) },
  ];
}

function bytesOf(data: Uint16Array | Int32Array | Float32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
