/**
 * A small trainer without a model: takes the run, resumes it and writes events and checkpoints as fast as it can until
 * it is killed or has done all steps. Arguments: run folder, last step.
 */
import { stepEvent } from '../stepEvent.ts';
import { openRun } from '../../../engine/run/runSession.ts';

const [folder, last] = [process.argv[2]!, Number(process.argv[3])];
const run = await openRun(folder);
const checkpoint = await run.resume();
process.stdout.write(`${String(checkpoint?.step ?? 0)}\n`);
for (let step = (checkpoint?.step ?? 0) + 1; step <= last; step += 1) {
  run.append(stepEvent(step));
  if (step % 7 === 0) {
    const bytes = new Uint8Array(new Float64Array([step]).buffer);
    await run.saveCheckpoint({ step, tensors: [{ name: 'step', dtype: 'F64', shape: [], bytes }], state: { step } });
  }
}
run.append({ type: 'status', status: 'finished' });
await run.close();
