/** Tells two base checkpoints apart without reading them whole. */
import { createHash } from 'node:crypto';
import type { Fingerprint } from '../protocol/runs/runFolder.ts';
import type { Checkpoint } from './checkpoint.ts';

const SAMPLE_BYTES = 4096;

/**
 * SHA-256 over every tensor's name, type, shape and up to three samples of its bytes (start, middle, end), in the order
 * of names. It does not depend on how the tensors are spread over files.
 */
export async function checkpointFingerprint(checkpoint: Checkpoint): Promise<Fingerprint> {
  const hash = createHash('sha256');
  const names = [...checkpoint.tensors.keys()].sort();
  for (const name of names) {
    const { file, entry } = checkpoint.tensor(name);
    hash.update(`${name}\n${entry.dtype}\n${entry.shape.join()}\n`);
    const length = Math.min(SAMPLE_BYTES, entry.byteLength);
    const last = entry.byteLength - length;
    for (const offset of new Set([0, Math.floor(last / 2), last])) {
      const sample = new Uint8Array(length);
      await file.readInto(name, offset, sample);
      hash.update(sample);
    }
  }
  return { algorithm: 'neuroada-checkpoint-1', value: hash.digest('hex') };
}
