/** Loads the golden checkpoints and their reference values for tests. */
import { join } from 'node:path';
import { openCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { openSafetensors } from '../../engine/checkpoint/safetensors/safetensorsReader.ts';
import type { MicroBatch } from '../../engine/data/batches/microBatch.ts';
import { loadWeights, type ResidentWeights } from '../../engine/model/weights/residentWeights.ts';
import type { ModuleSelection } from '../../engine/selection/moduleSelection.ts';

export const GOLDEN = join(import.meta.dirname, '..', 'golden');

export const ARCHITECTURES = [
  'llama',
  'llama-bf16-sharded',
  'llama-bias',
  'llama-linear',
  'llama-llama3-tied',
  'mistral',
  'qwen2',
  'qwen3',
] as const;

/** A safetensors file in memory: values by name, as floats or integers. */
export type Golden = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly data: Float32Array | Int32Array | Float64Array }
>;

export async function readGolden(path: string): Promise<Golden> {
  const file = await openSafetensors(join(GOLDEN, path));
  const values = new Map<string, { shape: readonly number[]; data: Float32Array | Int32Array | Float64Array }>();
  for (const [name, { dtype, shape }] of file.tensors) {
    const { buffer } = await file.read(name);
    const data =
      dtype === 'I32' ? new Int32Array(buffer) : dtype === 'F64' ? new Float64Array(buffer) : new Float32Array(buffer);
    values.set(name, { shape, data });
  }
  await file.close();
  return values;
}

export function floats(golden: Golden, name: string): Float32Array {
  const value = golden.get(name);
  if (!(value?.data instanceof Float32Array)) throw new Error(`${name} is not F32`);
  return value.data;
}

export function doubles(golden: Golden, name: string): Float64Array {
  const value = golden.get(name);
  if (!(value?.data instanceof Float64Array)) throw new Error(`${name} is not F64`);
  return value.data;
}

export function integers(
  golden: Golden,
  name: string,
): { readonly shape: readonly number[]; readonly data: Int32Array } {
  const value = golden.get(name);
  if (!(value?.data instanceof Int32Array)) throw new Error(`${name} is not I32`);
  return { shape: value.shape, data: value.data };
}

export async function goldenWeights(architecture: string): Promise<ResidentWeights> {
  const checkpoint = await openCheckpoint(join(GOLDEN, 'architectures', architecture));
  const weights = await loadWeights(checkpoint);
  await checkpoint.close();
  return weights;
}

/** The batch of reference token ids and labels; `labels[b, t]` is predicted from position t - 1. */
export function goldenBatch(golden: Golden, offset = 0, rowCount?: number): MicroBatch {
  const ids = integers(golden, 'input_ids');
  const sequenceLength = ids.shape.at(-1) ?? 0;
  const batchSize = rowCount ?? ids.shape[0] ?? 0;
  const size = batchSize * sequenceLength;
  const labels = integers(golden, 'labels').data.subarray(offset, offset + size);
  const rows: number[] = [];
  labels.forEach((label, index) => {
    if (label >= 0) rows.push(index - 1);
  });
  const positions = golden.has('position_ids') ? integers(golden, 'position_ids').data : undefined;
  return {
    batchSize,
    sequenceLength,
    tokenIds: ids.data.subarray(offset, offset + size),
    positions: positions ?? Int32Array.from({ length: size }, (_, index) => index % sequenceLength),
    segments: golden.has('segment_ids') ? integers(golden, 'segment_ids').data : null,
    labelRows: Int32Array.from(rows),
    labels: Int32Array.from(rows, (row) => labels[row + 1] ?? 0),
    tokenCount: size,
  };
}

/** The selections that a golden file holds, as `M.indices`. */
export function goldenSelections(golden: Golden, { config }: Pick<ResidentWeights, 'config'>): ModuleSelection[] {
  const columnsOf = (module: string): number => {
    const { hiddenSize, intermediateSize, headCount, headSize } = config;
    if (module.endsWith('down_proj')) return intermediateSize;
    return module.endsWith('o_proj') ? headCount * headSize : hiddenSize;
  };
  return [...golden.keys()]
    .filter((name) => name.endsWith('.indices'))
    .map((name) => {
      const { shape, data } = integers(golden, name);
      const module = name.slice(0, -'.indices'.length);
      const [rows = 0, k = 0] = shape;
      return { module, rows, columns: columnsOf(module), k, neurons: null, indices: data };
    });
}

/** Largest difference relative to the largest reference value. */
export function relativeError(found: ArrayLike<number>, reference: ArrayLike<number>): number {
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < reference.length; i++) {
    const error = Math.abs((found[i] ?? NaN) - (reference[i] ?? NaN));
    difference = Number.isNaN(error) ? Infinity : Math.max(difference, error);
    scale = Math.max(scale, Math.abs(reference[i] ?? 0));
  }
  return difference / scale;
}
