/** The plain table of a safetensors file's tensors. */
import { openSafetensors } from '../../checkpoint/safetensors/safetensorsReader.ts';
import { TENSOR_LIMIT, type TensorTable } from '../../protocol/connections/tensorTable.ts';
import { fileRevision } from '../source/settledSource.ts';
import { isCountable } from './tensorElements.ts';

/** @throws ExpectedError `checkpoint/corruptHeader`, `files/…` */
export async function tensorTable(path: string): Promise<TensorTable> {
  const revision = (await fileRevision(path)) ?? '';
  const file = await openSafetensors(path);
  try {
    const listed = [...file.tensors.values()].slice(0, TENSOR_LIMIT);
    return {
      file: path,
      sizeBytes: file.sizeBytes,
      revision,
      metadata: [...file.metadata],
      tensors: listed.map(({ name, dtype, shape, byteLength }) => ({
        ...{ name, dtype, shape, sizeBytes: byteLength },
        hasStatistics: isCountable(dtype),
      })),
      total: file.tensors.size,
    };
  } finally {
    await file.close();
  }
}
