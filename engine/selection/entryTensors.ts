/** The tensors that say which entries of a parameter are changed, in selection and adapter files, written and checked. */
import type { SafetensorsFile } from '../checkpoint/safetensors/safetensorsReader.ts';
import type { TensorToWrite } from '../checkpoint/safetensors/safetensorsWriter.ts';
import { ENTRY_TENSORS } from '../protocol/runs/adapter.ts';
import { checkAscending, invalidTensor, requireTensor } from './selectionTensors.ts';
import { isWeightDtype, type WeightDtype } from './weightDtype.ts';

export interface StoredEntries {
  /** Element type of the originals. */
  readonly dtype: WeightDtype;
  /** Ascending positions among the parameter's elements. */
  readonly positions: Int32Array;
  /** The parameter's own bytes at these positions. */
  readonly originals: Uint8Array<ArrayBuffer>;
}

/** @param tensor the parameter's name in the checkpoint */
export function entryTensors(tensor: string, { dtype, positions, originals }: StoredEntries): readonly TensorToWrite[] {
  const shape = [positions.length];
  const bytes = new Uint8Array(positions.buffer, positions.byteOffset, positions.byteLength);
  return [
    { name: tensor + ENTRY_TENSORS.positions, dtype: 'I32', shape, bytes },
    { name: tensor + ENTRY_TENSORS.originals, dtype, shape, bytes: originals },
  ];
}

/**
 * @param size elements of the parameter
 * @throws ExpectedError `selection/invalidTensor`
 */
export async function readEntries(file: SafetensorsFile, tensor: string, size: number): Promise<StoredEntries> {
  const entry = requireTensor(file, tensor + ENTRY_TENSORS.positions, ['I32']);
  if (entry.shape.length !== 1 || entry.shape[0] === 0) {
    throw invalidTensor(file.path, entry.name, `expected the shape [entries], found [${entry.shape.join(', ')}]`);
  }
  const original = requireTensor(file, tensor + ENTRY_TENSORS.originals, ['F32', 'F16', 'BF16'], entry.shape);
  if (!isWeightDtype(original.dtype)) throw new RangeError(original.dtype);
  const { buffer, byteLength } = await file.read(entry.name);
  const positions = new Int32Array(buffer, 0, byteLength / 4);
  checkAscending(positions, positions.length, file.path, entry.name);
  const last = positions.at(-1) ?? 0;
  if (last >= size) {
    throw invalidTensor(
      file.path,
      entry.name,
      `expected positions below the base's ${String(size)}, found ${String(last)}`,
    );
  }
  return { dtype: original.dtype, positions, originals: await file.read(original.name) };
}
