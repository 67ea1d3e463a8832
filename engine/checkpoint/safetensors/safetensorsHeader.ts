/**
 * The header of a safetensors file: strict reading into tensor entries (format of huggingface/safetensors: 8 bytes
 * little-endian header length, JSON header, tensor bytes without gaps).
 */
import { ExpectedError } from '../../errors/expected.ts';
import { DTYPES, elementCount, elementSize, isDtype, type Dtype } from './dtype.ts';
import { parseStrictJson, StrictJsonError, type StrictJson } from '../strictJson.ts';

/** Longest header that the format allows. */
export const HEADER_LIMIT_BYTES = 100_000_000;

/** Bytes of the header length at the start of the file. */
export const LENGTH_PREFIX_BYTES = 8;

export interface TensorEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Absolute offset of the first byte in the file. */
  readonly position: number;
  readonly byteLength: number;
}

export interface SafetensorsHeader {
  readonly metadata: ReadonlyMap<string, string>;
  /** In file order. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
}

/**
 * Header length from the first 8 bytes, checked against the format's limit and the file's size.
 * @throws ExpectedError `checkpoint/corruptHeader`
 */
export function parseHeaderLength(prefix: Uint8Array, sizeBytes: number, file: string): number {
  const length = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength).getBigUint64(0, true);
  if (length > BigInt(HEADER_LIMIT_BYTES)) {
    throw corruptHeader(file, `header length ${String(length)}, expected at most ${String(HEADER_LIMIT_BYTES)}`);
  }
  if (Number(length) > sizeBytes - LENGTH_PREFIX_BYTES) {
    throw corruptHeader(file, `header length ${String(length)}, but the file has ${String(sizeBytes)} bytes`);
  }
  return Number(length);
}

/**
 * Checks every rule of the format.
 * @param bytes the header alone
 * @param sizeBytes size of the whole file
 * @throws ExpectedError `checkpoint/corruptHeader`
 */
export function parseSafetensorsHeader(bytes: Uint8Array, sizeBytes: number, file: string): SafetensorsHeader {
  const root = parseHeaderJson(bytes, file);
  const dataStart = LENGTH_PREFIX_BYTES + bytes.byteLength;
  const entries: TensorEntry[] = [];
  let metadata: ReadonlyMap<string, string> = new Map();
  for (const [name, value] of root) {
    if (name === '__metadata__') metadata = parseMetadata(value, file);
    else entries.push(parseTensor(name, value, dataStart, file));
  }
  entries.sort((a, b) => a.position - b.position || a.byteLength - b.byteLength);
  checkContiguous(entries, dataStart, sizeBytes, file);
  return { metadata, tensors: new Map(entries.map((entry) => [entry.name, entry])) };
}

function parseHeaderJson(bytes: Uint8Array, file: string): ReadonlyMap<string, StrictJson> {
  if (bytes[0] !== 0x7b) throw corruptHeader(file, 'the header does not begin with "{"');
  const end = bytes.findLastIndex((byte) => byte !== 0x20) + 1;
  if (bytes[end - 1] !== 0x7d) throw corruptHeader(file, 'the header does not end with "}" and spaces');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, end));
  } catch (error) {
    throw corruptHeader(file, 'the header is not valid UTF-8', undefined, error);
  }
  try {
    const root = parseStrictJson(text);
    if (root instanceof Map) return root as ReadonlyMap<string, StrictJson>;
  } catch (error) {
    if (error instanceof StrictJsonError)
      throw corruptHeader(file, `the header has ${error.message}`, undefined, error);
    throw error;
  }
  throw corruptHeader(file, 'the header is no JSON object');
}

function parseMetadata(value: StrictJson, file: string): ReadonlyMap<string, string> {
  if (!(value instanceof Map)) throw corruptHeader(file, '__metadata__ is no JSON object');
  const metadata = new Map<string, string>();
  for (const [key, item] of value as ReadonlyMap<string, StrictJson>) {
    if (typeof item !== 'string') throw corruptHeader(file, `__metadata__ key ${JSON.stringify(key)} is no string`);
    metadata.set(key, item);
  }
  return metadata;
}

function parseTensor(name: string, value: StrictJson, dataStart: number, file: string): TensorEntry {
  if (!(value instanceof Map)) throw corruptHeader(file, 'expected {dtype, shape, data_offsets}', name);
  const fields = value as ReadonlyMap<string, StrictJson>;
  const dtype = fields.get('dtype');
  const shape = fields.get('shape');
  const offsets = fields.get('data_offsets');
  if (fields.size !== 3) throw corruptHeader(file, 'expected exactly {dtype, shape, data_offsets}', name);
  if (!isDtype(dtype)) {
    throw corruptHeader(file, `dtype ${JSON.stringify(dtype)}, expected one of ${DTYPES.join(', ')}`, name);
  }
  if (!isSizes(shape)) throw corruptHeader(file, 'shape is no list of whole numbers below 2^53', name);
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw corruptHeader(file, 'data_offsets is no pair of whole numbers below 2^53', name);
  }
  const [begin, end] = offsets as readonly [number, number];
  const count = elementCount(shape);
  if (count === undefined) throw corruptHeader(file, `shape [${shape.join(', ')}] is too large`, name);
  const byteLength = count * elementSize(dtype);
  if (end - begin !== byteLength) {
    const found = `data_offsets [${String(begin)}, ${String(end)}]`;
    throw corruptHeader(file, `${found}, but ${dtype} [${shape.join(', ')}] takes ${String(byteLength)} bytes`, name);
  }
  return { name, dtype, shape, position: dataStart + begin, byteLength };
}

function isSizes(value: StrictJson | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
}

function checkContiguous(entries: readonly TensorEntry[], dataStart: number, sizeBytes: number, file: string): void {
  let expected = dataStart;
  for (const { name, position, byteLength } of entries) {
    if (position !== expected) {
      const fault = position < expected ? 'overlaps the tensor before it' : 'leaves a gap after the tensor before it';
      throw corruptHeader(file, `begins at byte ${String(position)}, expected ${String(expected)}: it ${fault}`, name);
    }
    expected = position + byteLength;
  }
  if (expected !== sizeBytes) {
    const fault = expected < sizeBytes ? 'bytes that belong to no tensor' : 'less bytes than its tensors';
    throw corruptHeader(
      file,
      `the tensors end at byte ${String(expected)}, the file at ${String(sizeBytes)}: it has ${fault}`,
    );
  }
}

function corruptHeader(file: string, problem: string, tensor?: string, cause?: unknown): ExpectedError {
  const fix = 'The file is damaged or no safetensors file: fetch or write it again.';
  const place = tensor === undefined ? { file } : { file, tensor };
  return new ExpectedError('checkpoint/corruptHeader', problem, fix, place, cause);
}
