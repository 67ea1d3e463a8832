/** Merges a run and checks the result in a process of its own: prints the peak of its resident memory in bytes. */
import { mergeJob } from '../../../engine/jobs/merging/merge.ts';
import { processMemory } from '../../../engine/runtime/memory.ts';

const [run, output] = process.argv.slice(2);
if (run === undefined || output === undefined) throw new Error('run, output');
const { maxLogitDifference } = await mergeJob(
  { adapters: [run], output, dtype: 'base', allowOtherBase: false, verify: true },
  { onEvent: () => undefined },
  new AbortController().signal,
);
process.stdout.write(JSON.stringify({ peakBytes: processMemory().peakBytes, maxLogitDifference }));
