/** A module's weights in the base's file, read by rows: only the rows that are asked for leave the disk. */
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { widenBF16, widenF16 } from '../../checkpoint/safetensors/floatConversion.ts';
import { isWeightDtype, type WeightDtype } from '../../selection/weightDtype.ts';

export interface WeightMatrix {
  readonly dtype: WeightDtype;
  readonly rowBytes: number;
  /** Fills `into` with whole rows from row `first` on, in the file's element type. */
  readRows(first: number, into: Uint8Array): Promise<void>;
}

export function weightMatrix(checkpoint: Checkpoint, module: string): WeightMatrix {
  const name = `${module}.weight`;
  const { file, entry } = checkpoint.tensor(name);
  const { dtype, shape, byteLength } = entry;
  const [rows] = shape;
  if (!isWeightDtype(dtype) || rows === undefined) throw new RangeError(`${name}: ${dtype} [${shape.join()}]`);
  const rowBytes = byteLength / rows;
  return { dtype, rowBytes, readRows: (first, into) => file.readInto(name, first * rowBytes, into) };
}

/** One row as float32. */
export async function readRow(matrix: WeightMatrix, row: number): Promise<Float32Array> {
  const bytes = new Uint8Array(matrix.rowBytes);
  await matrix.readRows(row, bytes);
  if (matrix.dtype === 'F32') return new Float32Array(bytes.buffer);
  const bits = new Uint16Array(bytes.buffer);
  const weights = new Float32Array(bits.length);
  if (matrix.dtype === 'F16') widenF16(bits, weights);
  else widenBF16(bits, weights);
  return weights;
}
