/** Merges in a process of its own, so that its memory can be told: prints the milliseconds and the peak in bytes. */
import { mergeAdapters } from '../../../engine/merge/mergeAdapters.ts';
import { processMemory } from '../../../engine/runtime/memory.ts';

const [base, adapter, output] = process.argv.slice(2);
if (base === undefined || adapter === undefined || output === undefined) throw new Error('base, adapter, output');

const start = performance.now();
await mergeAdapters({
  ...{ base, adapters: [adapter], output, dtype: 'base', allowOtherBase: false },
  onProgress: () => undefined,
  signal: undefined,
});
const mergeMs = performance.now() - start;
process.stdout.write(JSON.stringify({ mergeMs, peakBytes: processMemory().peakBytes }));
