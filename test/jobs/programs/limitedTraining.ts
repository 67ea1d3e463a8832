/**
 * A run whose process may take no more than a few megabytes beyond what it has when the plan is known: the system, and no
 * stand-in for it, refuses what the plan needs. Arguments: the run's folder and the megabytes. Prints the events.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { trainJob } from '../../../engine/jobs/training/train.ts';
import { sampleConfiguration } from '../sampleRun.ts';

const [runFolder = '', megabytes = ''] = process.argv.slice(2);

/** The limit counts private writable memory, of which the stacks and pages of this process are part. */
function limitMemory(): void {
  const used = /^VmData:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  const limit = Number(used) * 1024 + Number(megabytes) * 1e6;
  execFileSync('prlimit', ['--pid', String(process.pid), `--data=${String(limit)}`]);
}

const configuration = await sampleConfiguration({
  'engine.plan': 'wholeGraph',
  'engine.memoryBudgetMB': 20_000,
  'training.maxSteps': 4,
  'training.batchSize': 64,
  'training.microBatchSize': 64,
  'training.checkpointEvery': 4,
  'training.evaluateEvery': 4,
});
let isLimited = false;
await trainJob(
  { configuration, runFolder, resume: false },
  {
    onEvent: (event) => {
      if (event.type === 'plan' && !isLimited) {
        isLimited = true;
        if (megabytes !== '') limitMemory();
      }
      process.stdout.write(`${JSON.stringify(event)}\n`);
    },
  },
  new AbortController().signal,
);
