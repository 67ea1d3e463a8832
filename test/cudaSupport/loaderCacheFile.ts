/** Writes a list of libraries as glibc's ldconfig does. */

export interface CacheEntry {
  readonly name: string;
  readonly path: string;
  readonly flags: number;
}

export function loaderCacheFile(entries: readonly CacheEntry[], hasOldList: boolean): Buffer {
  const header = Buffer.alloc(48);
  header.write('glibc-ld.so.cache1.1', 'latin1');
  header.writeUInt32LE(entries.length, 20);
  const records = Buffer.alloc(entries.length * 24);
  const strings: Buffer[] = [];
  let offset = header.length + records.length;
  const add = (text: string): number => {
    const bytes = Buffer.from(`${text}\0`);
    strings.push(bytes);
    offset += bytes.length;
    return offset - bytes.length;
  };
  entries.forEach(({ name, path, flags }, index) => {
    records.writeUInt32LE(flags, index * 24);
    records.writeUInt32LE(add(name), index * 24 + 4);
    records.writeUInt32LE(add(path), index * 24 + 8);
  });
  return Buffer.concat([...(hasOldList ? [oldList()] : []), header, records, ...strings]);
}

/** One entry of the old format, and the gap up to the next multiple of 8. */
function oldList(): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.write('ld.so-1.7.0', 'latin1');
  bytes.writeUInt32LE(1, 12);
  return bytes;
}
