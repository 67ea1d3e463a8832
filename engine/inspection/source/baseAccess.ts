/** The base checkpoint of a source: open if it is there and is the one that the connections were selected of. */
import { openCheckpoint, type Checkpoint } from '../../checkpoint/checkpoint.ts';
import { checkpointFingerprint } from '../../checkpoint/fingerprint.ts';
import { ExpectedError } from '../../errors/expected.ts';
import type { Fingerprint } from '../../protocol/runs/runFolder.ts';
import type { Lease, LeasePool } from '../pools/leasePool.ts';

export type BasePool = LeasePool<Checkpoint>;

/** Either the base or, in words without a final full stop, why not. */
export type BaseAccess =
  | { readonly lease: Lease<Checkpoint>; readonly problem?: undefined }
  | { readonly lease?: undefined; readonly problem: string };

/** A base that cannot be read is no error: selected weights are known without it. */
export async function leaseBase(pool: BasePool, folder: string, fingerprint: Fingerprint): Promise<BaseAccess> {
  try {
    const lease = await pool.lease(`${folder}\n${fingerprint.value}`, () => openVerified(folder, fingerprint));
    return { lease };
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    return { problem: `${error.place.file ?? folder}: ${error.problem}` };
  }
}

async function openVerified(folder: string, fingerprint: Fingerprint): Promise<Checkpoint> {
  const checkpoint = await openCheckpoint(folder);
  try {
    const found = await checkpointFingerprint(checkpoint);
    if (found.algorithm === fingerprint.algorithm && found.value === fingerprint.value) return checkpoint;
    throw new ExpectedError(
      'inspection/otherBase',
      'is not the checkpoint that was trained on: its fingerprint differs',
      'Put the checkpoint back that was trained on.',
      { file: folder },
    );
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}
