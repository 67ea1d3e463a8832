/**
 * Keeps two processes from installing into one folder: each listens at an address made of the folder's path, in Linux's
 * abstract namespace (unix(7)), which one process at a time can have and which is free again when it ends in any way.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { ExpectedError } from '../errors/expected.ts';
import { systemErrorCode } from '../files/systemError.ts';

/** Runs `work` while this process has the folder. */
export async function holdingFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen({ path: `\0neuroada-cuda-${createHash('sha256').update(resolve(folder)).digest('hex')}` });
    await once(server, 'listening');
  } catch (error) {
    throw systemErrorCode(error) === 'EADDRINUSE' ? busy(folder) : error;
  }
  try {
    return await work();
  } finally {
    server.close();
  }
}

function busy(folder: string): ExpectedError {
  return new ExpectedError(
    'cuda/busy',
    'another process is installing or removing CUDA support',
    'Wait until it has ended.',
    { file: folder },
  );
}
