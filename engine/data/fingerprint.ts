/** The identity of a data file: the SHA-256 of its bytes. */
import { createHash } from 'node:crypto';
import type { Fingerprint } from '../protocol/runs/runFolder.ts';
import { readChunks } from './formats/fileChunks.ts';

export async function dataFingerprint(file: string): Promise<Fingerprint> {
  const hash = createHash('sha256');
  for await (const chunk of readChunks(file)) hash.update(chunk);
  return { algorithm: 'sha256', value: hash.digest('hex') };
}
