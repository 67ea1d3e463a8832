/**
 * The loader's list of installed libraries, /etc/ld.so.cache, as glibc writes it (sysdeps/generic/dl-cache.h): a header,
 * then entries of offsets to a name and a path. Older versions put the list of a still older format in front.
 */
import { readFile } from 'node:fs/promises';

export const LOADER_CACHE_FILE = '/etc/ld.so.cache';

const MAGIC = 'glibc-ld.so.cache1.1';
const OLD_MAGIC = 'ld.so-1.7.0';
const HEADER_BYTES = 48;
const ENTRY_BYTES = 24;
const OLD_HEADER_BYTES = 16;
const OLD_ENTRY_BYTES = 12;
/** Of an entry's flags: the architecture, of which x86-64 is one. */
const ARCHITECTURE_MASK = 0xff00;
const X86_64 = 0x0300;

/** Paths by name, in the loader's order of preference. */
export type LoaderCache = ReadonlyMap<string, readonly string[]>;

/** Empty where the system has no such list (musl) or it cannot be understood: then only folders are looked through. */
export async function readLoaderCache(path = LOADER_CACHE_FILE): Promise<LoaderCache> {
  const bytes = await readFile(path).catch(() => Buffer.alloc(0));
  const paths = new Map<string, string[]>();
  for (const [name, place] of cacheEntries(withoutOldList(bytes))) {
    paths.set(name, [...(paths.get(name) ?? []), place]);
  }
  return paths;
}

function withoutOldList(bytes: Buffer): Buffer {
  if (bytes.length < OLD_HEADER_BYTES || bytes.toString('latin1', 0, OLD_MAGIC.length) !== OLD_MAGIC) return bytes;
  const end = OLD_HEADER_BYTES + bytes.readUInt32LE(OLD_HEADER_BYTES - 4) * OLD_ENTRY_BYTES;
  return bytes.subarray(Math.ceil(end / 8) * 8);
}

function cacheEntries(bytes: Buffer): (readonly [name: string, path: string])[] {
  if (bytes.length < HEADER_BYTES || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return [];
  const count = bytes.readUInt32LE(MAGIC.length);
  if (HEADER_BYTES + count * ENTRY_BYTES > bytes.length) return [];
  return Array.from({ length: count }, (_, index) => bytes.subarray(HEADER_BYTES + index * ENTRY_BYTES))
    .filter((entry) => (entry.readUInt32LE(0) & ARCHITECTURE_MASK) === X86_64)
    .map((entry) => [stringAt(bytes, entry.readUInt32LE(4)), stringAt(bytes, entry.readUInt32LE(8))] as const)
    .filter(([name, path]) => name !== '' && path.startsWith('/'));
}

/** Offsets count from the header; an empty string where one leads out of the file. */
function stringAt(bytes: Buffer, offset: number): string {
  const end = bytes.indexOf(0, offset);
  return offset >= bytes.length || end === -1 ? '' : bytes.toString('utf8', offset, end);
}
