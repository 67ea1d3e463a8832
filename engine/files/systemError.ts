/** Turns the operating system's file errors into errors that say what to do. */
import { ExpectedError } from '../errors/expected.ts';

const EXPLANATIONS: Readonly<Record<string, readonly [problem: string, fix: string]>> = {
  ENOENT: ['does not exist', 'Check the path.'],
  ENOTDIR: ['a part of the path is a file, not a folder', 'Check the path.'],
  EISDIR: ['is a folder, expected a file', 'Give the path of a file.'],
  EEXIST: ['exists already', 'Choose another path or remove it first.'],
  ENOTEMPTY: ['exists already and is not empty', 'Choose another path or remove it first.'],
  EACCES: ['permission denied', 'Check who owns the file and its access rights.'],
  EPERM: ['operation not permitted', 'Check the access rights, and that no other program has the file open.'],
  EBUSY: ['is in use by another program', 'Close the program that uses it and try again.'],
  EROFS: ['lies on a read-only file system', 'Choose a folder that can be written.'],
  ENOSPC: ['no space left on the disk', 'Free some space or choose a folder on another disk.'],
  EDQUOT: ['disk quota exceeded', 'Free some space or choose a folder on another disk.'],
  EFBIG: ['larger than the file system allows', 'Choose a folder on another disk.'],
  EMFILE: ['too many open files', 'Raise the limit of open files (ulimit -n) and try again.'],
  ENAMETOOLONG: ['name too long for the file system', 'Choose a shorter name.'],
  ELOOP: ['too many symbolic links', 'Give the path of the file that the link should lead to.'],
  EIO: ['the disk reported a read or write error', 'Check the disk, then try again from another copy of the file.'],
};

/** The error's code where the operating system raised it, such as `ENOENT`. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The error to throw in place of `error`, which came from working on `path`; an error of another kind stays itself. */
export function explainSystemError(error: unknown, path: string): unknown {
  const code = systemErrorCode(error);
  const explanation = code === undefined ? undefined : EXPLANATIONS[code];
  if (explanation === undefined || error instanceof ExpectedError) return error;
  const [problem, fix] = explanation;
  return new ExpectedError(`files/${String(code)}`, `${problem} (${String(code)})`, fix, { file: path }, error);
}

/** Runs `work` on `path`; the operating system's errors come out explained. */
export async function explainingErrors<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explainSystemError(error, path);
  }
}
