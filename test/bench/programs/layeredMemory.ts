/** The memory of a run on the layered plan, nothing saved: its peak, less the bytes of the frozen float32 weights. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { atMost, report } from '../row.ts';
import { trainingMeasures, withSmolCheckpoint } from '../savedActivations.ts';

const STEPS = 4;
const BAR_MB = 550;

await withSmolCheckpoint(async (folder) => {
  const weightBytes = (await stat(join(folder, 'model.safetensors'))).size;
  const { peakBytes } = await trainingMeasures(folder, 'none', STEPS);
  const name = 'layered, nothing saved: peak memory of the process beyond weights';
  report(atMost(BAR_MB, name, (peakBytes - weightBytes) / 1e6, 'MB'));
});
