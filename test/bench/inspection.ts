/** Looking at the connections of a model of 8 billion parameters: how soon answers come, and the memory they take. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeLargeAdapter } from './largeAdapter.ts';
import { median, type BenchRow } from './row.ts';

const ROUNDS = 3;
const K = 20;
const MEMORY_BAR_BYTES = 250e6;
/** Milliseconds from the first question to the last answer. */
const BARS = { opening: 1000, matrix: 300, weights: 300 } as const;

interface Measured {
  readonly timesMs: Readonly<Record<string, { readonly wallMs: number; readonly cpuMs: number }>>;
  readonly peakBytes: number;
}

export async function measureInspection(): Promise<readonly BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'neuroada-bench-'));
  try {
    const { adapter } = await writeLargeAdapter(folder, K);
    const rounds: Measured[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) rounds.push(await inspect(adapter));
    // The first round brings the files into memory.
    const warm = rounds.slice(1);
    const total = (...names: readonly string[]): number =>
      median(warm.map(({ timesMs }) => names.reduce((sum, name) => sum + timesMs[name]!.wallMs, 0)));
    const peakBytes = Math.max(...warm.map((round) => round.peakBytes));
    return [
      timeRow('overview of 8B, k = 20: description and every measure', total('describe', 'overview'), BARS.opening),
      timeRow('matrix of 14336 x 4096: selection and margins', total('matrix', 'margins'), BARS.matrix),
      timeRow('matrix of 14336 x 4096: first strip of all weights', total('weightStrip'), BARS.weights),
      {
        name: 'looking at 8B: peak resident memory of the engine',
        value: peakBytes / 1e6,
        unit: 'MB',
        bar: `<= ${MEMORY_BAR_BYTES / 1e6}`,
        isMet: peakBytes <= MEMORY_BAR_BYTES,
      },
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

function timeRow(name: string, value: number, barMs: number): BenchRow {
  return { name, value, unit: 'ms', bar: `<= ${barMs}`, isMet: value <= barMs };
}

async function inspect(adapter: string): Promise<Measured> {
  const program = join(import.meta.dirname, 'inspectionProcess.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [program, adapter]);
  return JSON.parse(stdout) as Measured;
}
