/** Waiting for the machine to have time to itself, for what is measured by the clock. */
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 1_000;
/** Of the time of all cores. */
const FREE_SHARE = 0.85;
const LIMIT_MS = 90_000;

/** Milliseconds of all cores: as a whole, and idle or lent to programs that give way at once. */
function coreTimes(): { readonly all: number; readonly free: number } {
  const times = cpus().map((core) => core.times);
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { all, free: times.reduce((sum, { nice, idle }) => sum + nice + idle, 0) };
}

/** Whether the cores had nearly nothing to do for a second, which is waited for; false where that never came in time. */
export async function waitForQuietMachine(): Promise<boolean> {
  const deadline = Date.now() + LIMIT_MS;
  while (Date.now() < deadline) {
    const before = coreTimes();
    await sleep(LOOK_MS);
    const after = coreTimes();
    if (after.free - before.free >= FREE_SHARE * (after.all - before.all)) return true;
  }
  return false;
}
