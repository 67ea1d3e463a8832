/**
 * The memory of NeuroAda beside that of what it is compared with, at equal batch: the peak of whole runs, each in a process
 * of its own, less the frozen weights. The bars hold for the layered plan, which keeps little else; the whole graph keeps
 * every activation, whatever is trained.
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
/** Largest share of the other method's memory that NeuroAda's may be. */
const BARS: Readonly<Partial<Record<Method, number>>> = { masked: 0.45, full: 0.35 };
const METHODS: readonly Method[] = ['neuroada', 'masked', 'full', 'lora', 'superTuning', 'shira'];
const PLANS = {
  layered: { 'engine.plan': 'layered', 'engine.savedActivations': 'none', 'engine.weights': 'float32' },
  'whole graph': { 'engine.plan': 'wholeGraph' },
} as const;
const BATCH = { 'training.batchSize': 4, 'training.microBatchSize': 4, 'data.maxLength': 256 } as const;

const folder = await mkdtemp(join(tmpdir(), 'neuroada-bench-'));
try {
  const [base, data] = [join(folder, 'base'), join(folder, 'data.jsonl')];
  await writeFile(data, longTexts());
  await writeBase(base, SMOL_SHAPE);
  const checkpoint = await openCheckpoint(base);
  const weightBytes = checkpoint.parameterCount * 4;
  await checkpoint.close();
  for (const [plan, settings] of Object.entries(PLANS)) {
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
      const [bar, name] = [BARS[method], `neuroada / ${method}, ${plan}`];
      report(
        bar === undefined || plan !== 'layered' ? informative(name, own / beyond) : atMost(bar, name, own / beyond),
      );
    }
  }
} finally {
  await rm(folder, { recursive: true });
}
