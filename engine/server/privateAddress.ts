/** Addresses that only this user can connect to: a socket in a folder of mode 0700, or a pipe with an unguessable name. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PrivateAddress {
  readonly address: string;
  /** Removes what the address took in the file system. */
  readonly remove: () => Promise<void>;
}

/** A socket's path is limited to 104 bytes on macOS and 108 on Linux; the temporary folder's path is short. */
export async function newPrivateAddress(): Promise<PrivateAddress> {
  if (process.platform === 'win32') {
    return { address: `\\\\.\\pipe\\neuroada-${randomBytes(16).toString('hex')}`, remove: () => Promise.resolve() };
  }
  const folder = await mkdtemp(join(tmpdir(), 'neuroada-'));
  return { address: join(folder, 'socket'), remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Whether a process listens at the address: true even while it is too busy to answer. */
export function isListening(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
