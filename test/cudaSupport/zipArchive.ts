/** Writes zip archives, also such as no honest program would. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly content: Uint8Array | string;
  /** Mode of a file on Unix; by default a plain one. */
  readonly mode?: number;
  /** Size that the archive claims of the content. */
  readonly claimedBytes?: number;
}

const PLAIN_FILE = 0o100644;

export function zipArchive(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const content = Buffer.from(entry.content);
    const packed = deflateRawSync(content);
    const common = commonHeader(entry, content, packed);
    const local = Buffer.concat([
      Buffer.from('PK\x03\x04'),
      common,
      Buffer.from([0, 0]),
      Buffer.from(entry.name),
      packed,
    ]);
    locals.push(local);
    directory.push(directoryEntry(entry, common, offset));
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, listed, end]);
}

/** What local headers and the directory have in common, up to the length of the name. */
function commonHeader({ name, claimedBytes }: ZipEntry, content: Buffer, packed: Buffer): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt16LE(20, 0);
  bytes.writeUInt16LE(8, 4);
  bytes.writeUInt32LE(crc32(content), 10);
  bytes.writeUInt32LE(packed.length, 14);
  bytes.writeUInt32LE(claimedBytes ?? content.length, 18);
  bytes.writeUInt16LE(Buffer.byteLength(name), 22);
  return bytes;
}

function directoryEntry({ name, mode = PLAIN_FILE }: ZipEntry, common: Buffer, offset: number): Buffer {
  const rest = Buffer.alloc(16);
  rest.writeUInt32LE((mode << 16) >>> 0, 8);
  rest.writeUInt32LE(offset, 12);
  return Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), common, rest, Buffer.from(name)]);
}
