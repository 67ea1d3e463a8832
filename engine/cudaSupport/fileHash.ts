/** Hashes of large files, read piece by piece. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { CancelledError } from '../errors/expected.ts';
import { explainingErrors } from '../files/systemError.ts';

const PIECE_BYTES = 1 << 20;

/**
 * @param onProgress told the bytes that have been read
 * @returns lower-case hexadecimal
 */
export async function fileHash(
  algorithm: 'sha256' | 'sha512',
  path: string,
  signal: AbortSignal,
  onProgress: (doneBytes: number) => void = () => undefined,
): Promise<string> {
  return explainingErrors(path, async () => {
    const hash = createHash(algorithm);
    let doneBytes = 0;
    for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES })) {
      if (signal.aborted) throw new CancelledError();
      hash.update(piece as Buffer);
      doneBytes += (piece as Buffer).length;
      onProgress(doneBytes);
    }
    return hash.digest('hex');
  });
}
