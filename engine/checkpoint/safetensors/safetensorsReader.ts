/** Reads tensors of a safetensors file by position: only the header and what is asked for is ever in memory. */
import type { FileHandle } from 'node:fs/promises';
import { ExpectedError } from '../../errors/expected.ts';
import { readExactly } from '../../files/positionalAccess.ts';
import { openRegularFile } from '../../files/regularFile.ts';
import { explainingErrors } from '../../files/systemError.ts';
import {
  LENGTH_PREFIX_BYTES,
  parseHeaderLength,
  parseSafetensorsHeader,
  type SafetensorsHeader,
  type TensorEntry,
} from './safetensorsHeader.ts';

/** Gives a buffer of at least this size; its content is arbitrary. */
export type Allocate = (sizeBytes: number) => ArrayBuffer;

export const allocateFresh: Allocate = (sizeBytes) => new ArrayBuffer(sizeBytes);

/** An open file; close it. */
export interface SafetensorsFile extends SafetensorsHeader {
  readonly path: string;
  readonly sizeBytes: number;
  /** Absolute offset of the first tensor byte. */
  readonly dataStart: number;
  /** All bytes of a tensor, at the start of a buffer of their own, or of the one that `allocate` gives. */
  read(name: string, allocate?: Allocate): Promise<Uint8Array<ArrayBuffer>>;
  /** Fills `into` with the tensor's bytes from byte `offset` of the tensor on. */
  readInto(name: string, offset: number, into: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the file and checks its whole header.
 * @throws ExpectedError `checkpoint/corruptHeader`, `files/…`
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  return explainingErrors(path, async () => {
    const handle = await openRegularFile(path);
    try {
      return await readHeader(handle, path);
    } catch (error) {
      await handle.close();
      throw error;
    }
  });
}

async function readHeader(handle: FileHandle, path: string): Promise<SafetensorsFile> {
  const { size } = await handle.stat();
  const prefix = new Uint8Array(LENGTH_PREFIX_BYTES);
  await readExactly(handle, prefix, 0, path);
  const headerBytes = new Uint8Array(parseHeaderLength(prefix, size, path));
  await readExactly(handle, headerBytes, LENGTH_PREFIX_BYTES, path);
  const header = parseSafetensorsHeader(headerBytes, size, path);
  return {
    ...header,
    path,
    sizeBytes: size,
    dataStart: LENGTH_PREFIX_BYTES + headerBytes.byteLength,
    read: async (name, allocate = allocateFresh) => {
      const entry = findTensor(header, name, path);
      const bytes = new Uint8Array(allocate(entry.byteLength), 0, entry.byteLength);
      await explainingErrors(path, () => readExactly(handle, bytes, entry.position, path));
      return bytes;
    },
    readInto: async (name, offset, into) => {
      const entry = findTensor(header, name, path);
      if (offset < 0 || offset + into.byteLength > entry.byteLength) {
        throw new RangeError(
          `${name}: bytes ${String(offset)}+${String(into.byteLength)} of ${String(entry.byteLength)}`,
        );
      }
      await explainingErrors(path, () => readExactly(handle, into, entry.position + offset, path));
    },
    close: () => handle.close(),
  };
}

function findTensor(header: SafetensorsHeader, name: string, file: string): TensorEntry {
  const entry = header.tensors.get(name);
  if (entry !== undefined) return entry;
  throw new ExpectedError(
    'checkpoint/missingTensor',
    `no such tensor among the file's ${String(header.tensors.size)}`,
    'Check that the file belongs to this checkpoint.',
    { file, tensor: name },
  );
}
