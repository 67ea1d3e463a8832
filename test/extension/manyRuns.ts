/** A workspace with many finished runs, each with a log of ordinary length. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runConfigurationSchema } from '../../engine/protocol/configuration/configuration.ts';
import { formatEventLine } from '../../engine/protocol/runs/eventLine.ts';
import { stepEvent } from '../run/stepEvent.ts';

const FIRST_TIME = 1_700_000_000_000;

/** Returns the workspace's folder; its runs are `run 1`, `run 2`, ..., the last one made last. */
export async function makeRuns(count: number, steps: number): Promise<string> {
  const workspace = await mkdtemp(join(tmpdir(), 'neuroada-many-'));
  for (let number = 1; number <= count; number++) {
    const folder = join(workspace, 'runs', `run-${number}`);
    await mkdir(folder, { recursive: true });
    const createdTime = FIRST_TIME + number * 60_000;
    const configuration = runConfigurationSchema.parse({ base: '/models/base', data: { train: '/data/train.jsonl' } });
    const record = { schemaVersion: 1, name: `run ${number}`, createdTime, configuration };
    await writeFile(join(folder, 'run.json'), JSON.stringify(record));
    await writeFile(join(folder, 'events.jsonl'), logOf(steps, createdTime));
  }
  return workspace;
}

function logOf(steps: number, time: number): string {
  const header = formatEventLine({ type: 'log', schemaVersion: 1, time });
  const lines = Array.from({ length: steps }, (_, index) =>
    formatEventLine({ time: time + index, ...stepEvent(index + 1) }),
  );
  return `${header}${lines.join('')}${formatEventLine({ type: 'status', status: 'finished', time: time + steps })}`;
}
