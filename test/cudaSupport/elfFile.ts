/** Makes shared libraries that hold what the loader reads of one and nothing else. */

export interface ElfParts {
  readonly needed?: readonly string[];
  readonly runPath?: string;
}

const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
/** Where the whole file is to lie in memory. */
const ADDRESS = 0x10000;

export function elfFile({ needed = [], runPath }: ElfParts = {}): Buffer {
  const names = [...needed, ...(runPath === undefined ? [] : [runPath])];
  const strings = Buffer.from(`\0${names.map((name) => `${name}\0`).join('')}`);
  const offsets = names.map(
    (_, index) =>
      1 +
      Buffer.byteLength(
        names
          .slice(0, index)
          .map((name) => `${name}\0`)
          .join(''),
      ),
  );
  const dynamicAt = HEADER_BYTES + 2 * SEGMENT_BYTES;
  const entries: [number, number][] = [
    ...needed.map((_, index): [number, number] => [1, offsets[index]!]),
    ...(runPath === undefined ? [] : [[29, offsets.at(-1)!] satisfies [number, number]]),
  ];
  const stringsAt = dynamicAt + (entries.length + 3) * 16;
  entries.push([5, ADDRESS + stringsAt], [10, strings.length], [0, 0]);
  const dynamic = Buffer.alloc(entries.length * 16);
  entries.forEach(([tag, value], index) => {
    dynamic.writeBigUInt64LE(BigInt(tag), index * 16);
    dynamic.writeBigUInt64LE(BigInt(value), index * 16 + 8);
  });
  const total = stringsAt + strings.length;
  const segments = [segment(1, 0, ADDRESS, total), segment(2, dynamicAt, ADDRESS + dynamicAt, dynamic.length)];
  return Buffer.concat([header(segments.length), ...segments, dynamic, strings]);
}

function header(segments: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.write('\x7fELF', 'latin1');
  bytes.set([2, 1, 1], 4);
  bytes.writeUInt16LE(3, 16);
  bytes.writeUInt16LE(62, 18);
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(BigInt(HEADER_BYTES), 32);
  bytes.writeUInt16LE(HEADER_BYTES, 52);
  bytes.writeUInt16LE(SEGMENT_BYTES, 54);
  bytes.writeUInt16LE(segments, 56);
  return bytes;
}

function segment(type: number, offset: number, address: number, sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(SEGMENT_BYTES);
  bytes.writeUInt32LE(type, 0);
  bytes.writeBigUInt64LE(BigInt(offset), 8);
  bytes.writeBigUInt64LE(BigInt(address), 16);
  bytes.writeBigUInt64LE(BigInt(sizeBytes), 32);
  return bytes;
}
