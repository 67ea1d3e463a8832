/** The bytes of a data file: its head, and the whole of it chunk by chunk without a byte order mark. */
import { openRegularFile } from '../../files/regularFile.ts';
import { explainingErrors, explainSystemError } from '../../files/systemError.ts';

const CHUNK_BYTES = 1 << 20;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** The first `length` bytes of the file, fewer where it is shorter. */
export async function readHead(file: string, length: number): Promise<Buffer> {
  return explainingErrors(file, async () => {
    const handle = await openRegularFile(file);
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  });
}

/** The file's bytes in order; a UTF-8 byte order mark at the start is left out. */
export async function* readTextChunks(file: string): AsyncGenerator<Buffer, void, undefined> {
  let isFirst = true;
  for await (const chunk of readChunks(file)) {
    const skipped = isFirst && chunk.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
    isFirst = false;
    yield chunk.subarray(skipped);
  }
}

/** Every byte of the file in order. */
export async function* readChunks(file: string): AsyncGenerator<Buffer, void, undefined> {
  const handle = await openRegularFile(file);
  try {
    for await (const chunk of handle.createReadStream({ highWaterMark: CHUNK_BYTES })) yield chunk as Buffer;
  } catch (error) {
    throw explainSystemError(error, file);
  }
}
