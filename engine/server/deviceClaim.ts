/**
 * Sees to it that one run trains per device. A claim is a file that is created exclusively and counts while its holder
 * listens at its address; so the claim of a killed process is void at once, without clocks or process numbers.
 */
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../files/systemError.ts';
import { deviceClaimName, type DeviceClaim } from '../protocol/runs/queue.ts';
import { isListening } from './privateAddress.ts';

/** Gives the device free; does nothing where another process has taken the claim over. */
export type ReleaseDevice = () => Promise<void>;

/**
 * Takes the device, or tells that another live process has it.
 * @param claim this process, which listens at `claim.address` already
 */
export async function claimDevice(
  queueFolder: string,
  device: string,
  claim: DeviceClaim,
): Promise<ReleaseDevice | 'busy'> {
  const file = join(queueFolder, deviceClaimName(device));
  for (;;) {
    if (await createClaim(file, claim)) return () => releaseClaim(file, claim);
    const holder = await readClaim(file);
    if (holder === undefined) continue;
    if (await isListening(holder.address)) return 'busy';
    await removeDeadClaim(file, holder);
  }
}

/** Linking fails where the claim exists; the content is complete from the first moment. */
async function createClaim(file: string, claim: DeviceClaim): Promise<boolean> {
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, JSON.stringify(claim), { mode: 0o600 });
  try {
    await link(temporary, file);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function readClaim(file: string): Promise<DeviceClaim | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as DeviceClaim;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Takes the dead claim aside first: whoever took a live one by mistake, in a race, puts it back. */
async function removeDeadClaim(file: string, dead: DeviceClaim): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return;
    throw error;
  }
  const taken = await readClaim(aside);
  if (taken !== undefined && taken.address !== dead.address) await createClaim(file, taken);
  await rm(aside, { force: true });
}

async function releaseClaim(file: string, own: DeviceClaim): Promise<void> {
  const holder = await readClaim(file);
  if (holder?.address === own.address) await rm(file, { force: true });
}
