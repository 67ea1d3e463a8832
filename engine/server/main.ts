/** The engine as a process of the editor: `run <queue folder> <entry>` trains one run, `jobs` does short jobs. */
import type { Jobs } from '../jobs/contract.ts';
import { serveJobs } from './jobsProcess.ts';
import { jobTable } from './jobTable.ts';
import { serveRun } from './runProcess.ts';

const [role, queueFolder, entryName] = process.argv.slice(2);

if (role === 'run' && queueFolder !== undefined && entryName !== undefined) {
  process.exit(
    await serveRun(queueFolder, entryName, async (request, observer, signal) => {
      const { trainJob } = (await import('../jobs/train.ts')) as { trainJob: Jobs['train'] };
      return trainJob(request, observer, signal);
    }),
  );
} else if (role === 'jobs') {
  await serveJobs(jobTable);
  process.exit(0);
} else {
  console.error('usage: server.mjs run <queue folder> <entry> | server.mjs jobs');
  process.exit(64);
}
