/**
 * The memory of NeuroAda beside that of what it is compared with, at equal batch: the peak of whole runs, each in a process
 * of its own, less the frozen weights. The whole graph keeps most activations, whatever is trained, so that the bar against
 * full training is the layered plan's.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint } from '../../../engine/checkpoint/checkpoint.ts';
import type { Method } from '../../../engine/protocol/configuration/methods.ts';
import { SMOL_SHAPE } from '../randomCheckpoint.ts';
import { atMost, informative, report } from '../row.ts';
import { longTexts, runOnce, writeBase } from '../wholeRun.ts';

const STEPS = 3;
const METHODS: readonly Method[] = ['neuroada', 'masked', 'full', 'lora', 'superTuning', 'shira'];
interface Plan {
  readonly settings: Readonly<Record<string, string>>;
  /** Largest share of the other method's memory that NeuroAda's may be. */
  readonly bars: Readonly<Partial<Record<Method, number>>>;
}
const PLANS: Readonly<Record<string, Plan>> = {
  layered: {
    settings: { 'engine.plan': 'layered', 'engine.savedActivations': 'none', 'engine.weights': 'float32' },
    bars: { masked: 0.45, full: 0.35 },
  },
  'whole graph': { settings: { 'engine.plan': 'wholeGraph' }, bars: { masked: 0.45 } },
};
const BATCH = { 'training.batchSize': 4, 'training.microBatchSize': 4, 'data.maxLength': 256 } as const;

const folder = await mkdtemp(join(tmpdir(), 'neuroada-bench-'));
try {
  const [base, data] = [join(folder, 'base'), join(folder, 'data.jsonl')];
  await writeFile(data, longTexts());
  await writeBase(base, SMOL_SHAPE);
  const checkpoint = await openCheckpoint(base);
  const weightBytes = checkpoint.parameterCount * 4;
  await checkpoint.close();
  for (const [plan, { settings, bars }] of Object.entries(PLANS)) {
    let own = NaN;
    for (const method of METHODS) {
      const output = join(folder, `${plan} ${method}`);
      const { measuredBytes } = await runOnce(base, data, output, STEPS, { ...settings, ...BATCH, method });
      const beyond = measuredBytes - weightBytes;
      report(informative(`${method}, ${plan}: peak less the weights`, beyond / 1e6, 'MB'));
      if (method === 'neuroada') {
        own = beyond;
        continue;
      }
      const [bar, name] = [bars[method], `neuroada / ${method}, ${plan}`];
      report(bar === undefined ? informative(name, own / beyond) : atMost(bar, name, own / beyond));
    }
  }
} finally {
  await rm(folder, { recursive: true });
}
