/**
 * The engine as a process of the editor. `run <queue folder> <entry>` sees to one run of the queue, for which it starts
 * itself as `train` with the same arguments; `jobs` does short jobs. Each role loads what it needs.
 */
import type { Jobs } from '../jobs/contract.ts';
import { TRAINER_ROLE } from './trainerRole.ts';

const [role, queueFolder, entryName] = process.argv.slice(2);

if (role === 'run' && queueFolder !== undefined && entryName !== undefined) {
  const { superviseRun } = await import('./runSupervisor.ts');
  process.exit(await superviseRun(queueFolder, entryName));
} else if (role === TRAINER_ROLE && queueFolder !== undefined && entryName !== undefined) {
  const { serveRun } = await import('./runProcess.ts');
  process.exit(
    await serveRun(queueFolder, entryName, async (request, observer, signal) => {
      const { trainJob } = (await import('../jobs/training/train.ts')) as { trainJob: Jobs['train'] };
      return trainJob(request, observer, signal);
    }),
  );
} else if (role === 'jobs') {
  const [{ serveJobs }, { jobTable }] = await Promise.all([import('./jobsProcess.ts'), import('./jobTable.ts')]);
  await serveJobs(jobTable);
  process.exit(0);
} else {
  console.error('usage: server.mjs run <queue folder> <entry> | server.mjs jobs');
  process.exit(64);
}
