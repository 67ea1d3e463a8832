/**
 * Speed and memory against their bars: `npm run bench`; `-- --json` prints one line a measure, `-- --only <name>` runs
 * one benchmark. Each runs in a process of its own. Exits with 1 where a bar is missed.
 */
import { parseArgs } from 'node:util';
import { linesOf } from './program.ts';
import type { BenchRow } from './row.ts';

const BENCHES = [
  'wholeGraphStep',
  'layeredStep',
  'layeredMemory',
  'savingDial',
  'selection',
  'merge',
  'inspection',
  'connectionsView',
  'estimate',
  'methodMemory',
  'weightStorage',
  'longSequence',
  'largeModel',
  'gpuTraffic',
];

const { values } = parseArgs({ options: { json: { type: 'boolean' }, only: { type: 'string' } } });
const { json, only } = values;
if (only !== undefined && !BENCHES.includes(only)) {
  throw new RangeError(`--only takes one of ${BENCHES.join(', ')}; found ${only}`);
}

let isEveryBarMet = true;
for (const bench of only === undefined ? BENCHES : [only]) {
  for await (const line of linesOf(bench)) {
    const row = JSON.parse(line) as BenchRow;
    isEveryBarMet &&= row.isMet;
    process.stdout.write(`${json === true ? line : tableLine(row)}\n`);
  }
}
process.exitCode = isEveryBarMet ? 0 : 1;

function tableLine({ name, value, unit, bar, isMet }: BenchRow): string {
  const digits = unit === '' ? 3 : 0;
  const verdict = bar === '' ? '' : isMet ? 'met' : 'MISSED';
  return [name.padEnd(60), value.toFixed(digits).padStart(8), unit.padEnd(3), bar.padEnd(8), verdict]
    .join(' ')
    .trimEnd();
}
