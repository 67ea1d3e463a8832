/** Looking at the connections of a model of 8 billion parameters: how soon answers come, and the memory they take. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeLargeAdapter } from '../largeAdapter.ts';
import { resultOf } from '../program.ts';
import { atMost, report } from '../row.ts';
import { median } from '../timing.ts';

const ROUNDS = 3;
const K = 20;
const MEMORY_BAR_MB = 220;
/** From the first question to the last answer. */
const BARS_MS = { opening: 1000, matrix: 300, weights: 300 } as const;

interface Measured {
  readonly timesMs: Readonly<Record<string, { readonly wallMs: number; readonly cpuMs: number }>>;
  readonly peakBytes: number;
}

const folder = await mkdtemp(join(tmpdir(), 'neuroada-bench-'));
try {
  const { adapter } = await writeLargeAdapter(folder, K);
  const rounds: Measured[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    rounds.push((await resultOf('inspectionProcess', adapter)) as Measured);
  }
  // The first round brings the files into memory.
  const warm = rounds.slice(1);
  const total = (...names: readonly string[]): number =>
    median(warm.map(({ timesMs }) => names.reduce((sum, name) => sum + timesMs[name]!.wallMs, 0)));
  const peakMB = Math.max(...warm.map((round) => round.peakBytes)) / 1e6;
  report(
    atMost(BARS_MS.opening, 'overview of 8B, k = 20: description, every measure', total('describe', 'overview'), 'ms'),
    atMost(BARS_MS.matrix, 'matrix of 14336 x 4096: selection and margins', total('matrix', 'margins'), 'ms'),
    atMost(BARS_MS.weights, 'matrix of 14336 x 4096: first strip of all weights', total('weightStrip'), 'ms'),
    atMost(MEMORY_BAR_MB, 'looking at 8B: peak resident memory of the engine', peakMB, 'MB'),
  );
} finally {
  await rm(folder, { recursive: true });
}
