/** A process that merges, to be killed: `merging.ts BASE ADAPTER OUTPUT base|F32`. Says "begin" before and "end" after. */
import { writeSync } from 'node:fs';
import { mergeAdapters } from '../../../engine/merge/mergeAdapters.ts';

const [base = '', adapter = '', output = '', dtype] = process.argv.slice(2);
writeSync(1, 'begin\n');
await mergeAdapters({
  ...{ base, adapters: [adapter], output, dtype: dtype === 'F32' ? 'F32' : 'base', allowOtherBase: false },
  onProgress: () => undefined,
  signal: undefined,
});
writeSync(1, 'end\n');
