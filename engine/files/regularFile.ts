/** Opening files for reading: regular ones alone, for a pipe or device would be waited for without end. */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { ExpectedError } from '../errors/expected.ts';
import { explainingErrors } from './systemError.ts';

/** Lets a named pipe be opened without waiting for its other end; Windows has no such flag and needs none. */
const READ_AT_ONCE = constants.O_RDONLY | ((constants as { readonly O_NONBLOCK?: number }).O_NONBLOCK ?? 0);

/** @throws ExpectedError `files/notRegular`, `files/EISDIR`, `files/…` */
export async function openRegularFile(path: string): Promise<FileHandle> {
  return explainingErrors(path, async () => {
    const handle = await open(path, READ_AT_ONCE);
    try {
      const status = await handle.stat();
      if (!status.isFile()) throw refusal(path, status.isDirectory());
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  });
}

function refusal(file: string, isFolder: boolean): ExpectedError {
  const [code, found] = isFolder ? ['files/EISDIR', 'a folder'] : ['files/notRegular', 'a pipe, device or socket'];
  return new ExpectedError(code, `expected a file, found ${found}`, 'Give the path of a file.', { file: file });
}
