/**
 * Keeps two processes from driving one run. Each claims the run with a file of its own and then looks at all claims:
 * of two that claim at once, at least one sees the other. A claim whose process is dead counts for nothing, so a
 * killed run needs no clean-up.
 */
import { randomUUID, randomInt } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ExpectedError } from '../errors/expected.ts';
import { writeFileAtomically } from '../files/atomicFile.ts';
import { explainingErrors } from '../files/systemError.ts';
import { isTemporaryName } from '../files/temporaryName.ts';
import { RUN_FILES, type RunProcess } from '../protocol/runs/runFolder.ts';
import { livenessOf } from './processIdentity.ts';
import { formatRunProcess, readProcessFile } from './runProcess.ts';

/** Two that claim at once may both give way; each tries again after a random pause. */
const ATTEMPTS = 4;
const LONGEST_PAUSE_MS = 80;

/** Gives the run free again. */
export type ReleaseRun = () => Promise<void>;

/**
 * Takes the run for `owner`, which is this process.
 * @throws ExpectedError `run/alreadyDriven`, naming the process that has it
 */
export async function acquireRunLock(runFolder: string, owner: RunProcess): Promise<ReleaseRun> {
  const folder = join(runFolder, RUN_FILES.lock);
  return explainingErrors(folder, async () => {
    await mkdir(folder, { recursive: true });
    for (let attempt = 1; ; attempt += 1) {
      const claim = join(folder, `${randomUUID()}.json`);
      await writeFileAtomically(claim, formatRunProcess(owner));
      const rival = await findRival(folder, claim);
      if (rival === undefined) return () => rm(claim, { force: true });
      await rm(claim, { force: true });
      if (attempt === ATTEMPTS) throw alreadyDriven(runFolder, folder, rival);
      await delay(randomInt(1, LONGEST_PAUSE_MS));
    }
  });
}

/** Another claim that may be alive; dead ones are removed. */
async function findRival(folder: string, ownClaim: string): Promise<RunProcess | undefined> {
  let rival: RunProcess | undefined;
  for (const name of await readdir(folder)) {
    const claim = join(folder, name);
    if (claim === ownClaim || isTemporaryName(name)) continue;
    const record = await readProcessFile(claim);
    if (record === undefined) continue;
    if (livenessOf(record) === 'dead') await rm(claim, { force: true });
    else rival = record;
  }
  return rival;
}

function alreadyDriven(runFolder: string, lockFolder: string, rival: RunProcess): ExpectedError {
  const isHere = livenessOf(rival) === 'alive';
  return new ExpectedError(
    'run/alreadyDriven',
    `process ${String(rival.pid)} on ${rival.host} drives this run${isHere ? '' : ', or did when it was last heard of'}`,
    isHere ? 'Wait for it, or stop it first.' : `Make sure that it is gone; then delete ${lockFolder} and try again.`,
    { file: runFolder },
  );
}
