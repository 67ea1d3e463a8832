/** Positional reads and writes that transfer every byte or fail: the system calls may do only a part of the work. */
import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { ExpectedError } from '../errors/expected.ts';

/** One system call transfers at most this much; Linux stops just below 2 GiB. */
const CALL_LIMIT_BYTES = 1 << 30;
/** Up to this size a call of its own is quicker than the way through the thread pool, many times for a page. */
const AT_ONCE_BYTES = 64 << 10;

/**
 * Fills `buffer` with the bytes at `position`.
 * @param file path for the error's message
 * @throws ExpectedError `files/truncated` where the file ends before the buffer is full
 */
export async function readExactly(
  handle: FileHandle,
  buffer: Uint8Array,
  position: number,
  file?: string,
): Promise<void> {
  let done = 0;
  while (done < buffer.byteLength) {
    const length = Math.min(buffer.byteLength - done, CALL_LIMIT_BYTES);
    const bytesRead =
      length <= AT_ONCE_BYTES
        ? readSync(handle.fd, buffer, done, length, position + done)
        : (await handle.read(buffer, done, length, position + done)).bytesRead;
    if (bytesRead === 0) {
      throw new ExpectedError(
        'files/truncated',
        `the file ends at byte ${String(position + done)}, expected ${String(buffer.byteLength)} bytes from byte ${String(position)}`,
        'The file is incomplete or was cut while it was read: fetch or write it again.',
        file === undefined ? {} : { file },
      );
    }
    done += bytesRead;
  }
}

/** Writes all of `bytes` at `position`. */
export async function writeExactly(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.byteLength) {
    const length = Math.min(bytes.byteLength - done, CALL_LIMIT_BYTES);
    const { bytesWritten } = await handle.write(bytes, done, length, position + done);
    done += bytesWritten;
  }
}
