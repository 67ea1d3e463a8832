/**
 * Connections read from files in the plainest way, with nothing of the product: what the engine's answers are held
 * against.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** One selected connection. */
export interface PlainConnection {
  readonly row: number;
  readonly column: number;
  readonly weight: number;
  /** NaN where the file has none. */
  readonly delta: number;
}

type PlainTensors = ReadonlyMap<string, { readonly shape: readonly number[]; readonly numbers: readonly number[] }>;

/** Every tensor of the file as numbers. */
export function plainTensors(file: string): PlainTensors {
  const bytes = readFileSync(file);
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes)) as Record<string, PlainHeader>;
  return new Map(
    Object.entries(header)
      .filter(([name]) => name !== '__metadata__')
      .map(
        ([
          name,
          {
            dtype,
            shape,
            data_offsets: [begin, end],
          },
        ]) => {
          const part = bytes.subarray(8 + headerBytes + begin, 8 + headerBytes + end);
          return [name, { shape, numbers: numbersOf(part, dtype) }];
        },
      ),
  );
}

interface PlainHeader {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

function numbersOf(bytes: Buffer, dtype: string): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = dtype.endsWith('32') ? 4 : 2;
  return Array.from({ length: bytes.byteLength / size }, (_, i) => {
    switch (dtype) {
      case 'F32':
        return view.getFloat32(4 * i, true);
      case 'I32':
        return view.getInt32(4 * i, true);
      case 'U16':
        return view.getUint16(2 * i, true);
      case 'BF16':
        return bf16(view.getUint16(2 * i, true));
      case 'F16':
        return f16(view.getUint16(2 * i, true));
      default:
        throw new Error(dtype);
    }
  });
}

function bf16(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 7) & 0xff;
  const fraction = bits & 0x7f;
  if (exponent === 255) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * (fraction / 128) * 2 ** -126 : sign * (1 + fraction / 128) * 2 ** (exponent - 127);
}

function f16(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * (fraction / 1024) * 2 ** -14 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The connections of a module in an adapter or selection file; `deltas` where they stand elsewhere. */
export function plainConnections(
  tensors: PlainTensors,
  module: string,
  deltas = tensors.get(`${module}.neuroada_deltas`)?.numbers,
): readonly PlainConnection[] {
  const { shape, numbers: columns } = tensors.get(`${module}.neuroada_indices`)!;
  const weights = tensors.get(`${module}.neuroada_originals`)!.numbers;
  const neurons = tensors.get(`${module}.neuroada_neurons`)?.numbers;
  return columns.map((column, entry) => {
    const neuron = Math.floor(entry / shape[1]!);
    return { row: neurons?.[neuron] ?? neuron, column, weight: weights[entry]!, delta: deltas?.[entry] ?? NaN };
  });
}

/** All weights of a checkpoint folder's tensor, row by row. */
export function plainMatrix(folder: string, tensor: string): readonly (readonly number[])[] {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.safetensors'))) {
    const found = plainTensors(join(folder, name)).get(tensor);
    if (found === undefined) continue;
    const [rows, columns] = found.shape as [number, number];
    return Array.from({ length: rows }, (_, row) => found.numbers.slice(row * columns, (row + 1) * columns));
  }
  throw new Error(`${folder} has no ${tensor}`);
}

/** The value of largest magnitude, the positive one of equals; NaN of none. */
export function largest(values: readonly number[]): number {
  const magnitude = Math.max(...values.map(Math.abs));
  if (values.length === 0) return NaN;
  return values.includes(magnitude) ? magnitude : -magnitude;
}
