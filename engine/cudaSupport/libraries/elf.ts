/**
 * What the loader reads of a shared library: the names that it needs and where it looks for them. Only 64-bit little-endian
 * files for x86-64 (ELF-64 Object File Format 1.5; System V ABI, AMD64 supplement), of which nothing is believed unchecked.
 */
import type { FileHandle } from 'node:fs/promises';
import { ExpectedError } from '../../errors/expected.ts';
import { readExactly } from '../../files/positionalAccess.ts';
import { openRegularFile } from '../../files/regularFile.ts';

export interface ElfLibrary {
  /** DT_NEEDED, in their order. */
  readonly needed: readonly string[];
  /** Folders of DT_RUNPATH, or of DT_RPATH where there is none; `$ORIGIN` stands for the library's own folder. */
  readonly runPaths: readonly string[];
}

const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
const ENTRY_BYTES = 16;
const X86_64 = 62;
const SHARED_OBJECT = 3;
const SEGMENT_TYPES = { load: 1, dynamic: 2 } as const;
const TAGS = { end: 0n, needed: 1n, strings: 5n, stringBytes: 10n, runPath: 29n, oldRunPath: 15n } as const;
/** Far above what occurs; a count or length beyond it is a fault of the file. */
const LARGEST_SEGMENTS = 512;
const LARGEST_DYNAMIC_BYTES = 1 << 20;
const LARGEST_STRING_BYTES = 4096;
const LARGEST_NEEDED = 512;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: bigint;
  readonly sizeBytes: number;
}

/** @throws ExpectedError `cuda/badLibrary` where the file is no such library, `files/…` where it cannot be read */
export async function readElfLibrary(path: string): Promise<ElfLibrary> {
  const handle = await openRegularFile(path);
  try {
    const file = new ElfFile(handle, path, (await handle.stat()).size);
    const segments = await readSegments(file);
    const dynamic = segments.find(({ type }) => type === SEGMENT_TYPES.dynamic);
    if (dynamic === undefined) return { needed: [], runPaths: [] };
    return await readNames(file, segments, await readDynamic(file, dynamic));
  } finally {
    await handle.close();
  }
}

class ElfFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly sizeBytes: number;

  constructor(handle: FileHandle, path: string, sizeBytes: number) {
    this.#handle = handle;
    this.#path = path;
    this.sizeBytes = sizeBytes;
  }

  async read(offset: number, sizeBytes: number, what: string): Promise<Buffer> {
    if (offset > this.sizeBytes || sizeBytes > this.sizeBytes - offset) {
      throw this.fault(`${what} lies beyond its end (byte ${String(offset)} of ${String(this.sizeBytes)})`);
    }
    const bytes = Buffer.alloc(sizeBytes);
    await readExactly(this.#handle, bytes, offset, this.#path);
    return bytes;
  }

  fault(problem: string): ExpectedError {
    return new ExpectedError(
      'cuda/badLibrary',
      `the shared library is faulty: ${problem}`,
      'Install it again from where it came from.',
      { file: this.#path },
    );
  }
}

async function readSegments(file: ElfFile): Promise<readonly Segment[]> {
  if (file.sizeBytes < HEADER_BYTES) throw file.fault(`expected an ELF header, found ${String(file.sizeBytes)} bytes`);
  const header = await file.read(0, HEADER_BYTES, 'the header');
  const is64BitLittleEndian = header[4] === 2 && header[5] === 1;
  const isLibrary = header.readUInt16LE(16) === SHARED_OBJECT && header.readUInt16LE(18) === X86_64;
  if (header.toString('latin1', 0, 4) !== '\x7fELF' || !is64BitLittleEndian || !isLibrary) {
    throw file.fault('expected a shared library for x86-64');
  }
  const count = header.readUInt16LE(56);
  if (header.readUInt16LE(54) !== SEGMENT_BYTES || count > LARGEST_SEGMENTS) {
    throw file.fault('its program headers have an unknown layout');
  }
  const table = await file.read(offsetOf(file, header, 32), count * SEGMENT_BYTES, 'its table of segments');
  return Array.from({ length: count }, (_, index) => {
    const bytes = table.subarray(index * SEGMENT_BYTES);
    return {
      type: bytes.readUInt32LE(0),
      offset: offsetOf(file, bytes, 8),
      address: bytes.readBigUInt64LE(16),
      sizeBytes: offsetOf(file, bytes, 32),
    };
  });
}

/** A 64-bit offset or size in the file, which cannot exceed the file's own. */
function offsetOf(file: ElfFile, bytes: Buffer, position: number): number {
  const value = bytes.readBigUInt64LE(position);
  if (value > BigInt(file.sizeBytes)) throw file.fault(`it speaks of byte ${String(value)}, which it does not have`);
  return Number(value);
}

async function readDynamic(file: ElfFile, { offset, sizeBytes }: Segment): Promise<readonly (readonly bigint[])[]> {
  if (sizeBytes % ENTRY_BYTES !== 0 || sizeBytes > LARGEST_DYNAMIC_BYTES) {
    throw file.fault(`its dynamic section has ${String(sizeBytes)} bytes`);
  }
  const bytes = await file.read(offset, sizeBytes, 'its dynamic section');
  const entries = Array.from({ length: sizeBytes / ENTRY_BYTES }, (_, index) => [
    bytes.readBigUInt64LE(index * ENTRY_BYTES),
    bytes.readBigUInt64LE(index * ENTRY_BYTES + 8),
  ]);
  const end = entries.findIndex(([tag]) => tag === TAGS.end);
  return end === -1 ? entries : entries.slice(0, end);
}

async function readNames(
  file: ElfFile,
  segments: readonly Segment[],
  entries: readonly (readonly bigint[])[],
): Promise<ElfLibrary> {
  const values = (tag: bigint): bigint[] => entries.filter(([found]) => found === tag).map(([, value]) => value!);
  const [address] = values(TAGS.strings);
  const [size] = values(TAGS.stringBytes);
  const neededAt = values(TAGS.needed);
  const [runPathAt] = [...values(TAGS.runPath), ...values(TAGS.oldRunPath)];
  if (neededAt.length > LARGEST_NEEDED) throw file.fault(`it needs ${String(neededAt.length)} libraries`);
  if (neededAt.length === 0 && runPathAt === undefined) return { needed: [], runPaths: [] };
  if (address === undefined || size === undefined) throw file.fault('its names have no table of strings');
  const base = fileOffset(file, segments, address);
  const name = (at: bigint): Promise<string> => readString(file, base, size, at);
  const needed: string[] = [];
  for (const at of neededAt) needed.push(await name(at));
  const runPath = runPathAt === undefined ? '' : await name(runPathAt);
  return { needed, runPaths: runPath.split(':').filter((folder) => folder !== '') };
}

function fileOffset(file: ElfFile, segments: readonly Segment[], address: bigint): number {
  const segment = segments.find(
    (candidate) =>
      candidate.type === SEGMENT_TYPES.load &&
      address >= candidate.address &&
      address < candidate.address + BigInt(candidate.sizeBytes),
  );
  if (segment === undefined) throw file.fault('its table of strings lies in no segment');
  return segment.offset + Number(address - segment.address);
}

async function readString(file: ElfFile, base: number, tableBytes: bigint, at: bigint): Promise<string> {
  if (at >= tableBytes) throw file.fault(`a name lies at ${String(at)} in a table of ${String(tableBytes)} bytes`);
  const offset = base + Number(at);
  const rest = Number(tableBytes - at < BigInt(LARGEST_STRING_BYTES) ? tableBytes - at : LARGEST_STRING_BYTES);
  const bytes = await file.read(offset, Math.min(rest, Math.max(0, file.sizeBytes - offset)), 'a name');
  const end = bytes.indexOf(0);
  if (end === -1) throw file.fault('a name has no end');
  return bytes.toString('utf8', 0, end);
}
