/** What the layered plan's dial trades: step time and peak memory for each choice of saved activations. */
import { informative, report } from '../row.ts';
import { trainingMeasures, withSmolCheckpoint, type TrainingMeasures } from '../savedActivations.ts';
import { median } from '../timing.ts';

const SETTINGS = ['none', 'attention', 'all'] as const;
const ROUNDS = 3;
const STEPS = 4;

await withSmolCheckpoint(async (folder) => {
  const runs = new Map<string, TrainingMeasures[]>(SETTINGS.map((saved) => [saved, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const saved of SETTINGS) runs.get(saved)?.push(await trainingMeasures(folder, saved, STEPS));
  }
  for (const [saved, measured] of runs) {
    const stepMs = median(measured.flatMap((run) => run.stepMs));
    const peakMB = Math.max(...measured.map(({ peakBytes }) => peakBytes)) / 1e6;
    const name = `layered, saved activations ${saved}`;
    report(informative(`${name}: step`, stepMs, 'ms'), informative(`${name}: peak memory`, peakMB, 'MB'));
  }
});
