/** Small runs on the embedded sample, for tests. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfiguration } from '../../engine/configuration/configurationFile.ts';
import { trainJob } from '../../engine/jobs/training/train.ts';
import type { RunConfiguration } from '../../engine/protocol/configuration/configuration.ts';
import type { DeviceName } from '../../engine/protocol/devices.ts';
import type { RunEvent } from '../../engine/protocol/runs/events.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');
export const SAMPLE = join(REPOSITORY, 'media', 'sample');

/** Twelve steps on 64 examples, with these fields changed. */
export function sampleConfiguration(changes: Readonly<Record<string, unknown>> = {}): Promise<RunConfiguration> {
  const fields = {
    'training.maxSteps': 12,
    'training.checkpointEvery': 4,
    'training.evaluateEvery': 5,
    'data.limit': 64,
    'engine.threads': 1,
    ...changes,
  };
  const overrides = Object.entries(fields).map(([field, value]) => ({ field, value, flag: `--set ${field}` }));
  return loadConfiguration({ file: join(SAMPLE, 'support.neuroada.json'), overrides, folder: REPOSITORY });
}

interface SampleRunOptions {
  readonly resume?: boolean;
  readonly stopAfter?: number;
  readonly device?: DeviceName;
}

/** Trains; stops after `stopAfter` steps where given. */
export async function runSample(
  runFolder: string,
  configuration: RunConfiguration,
  { resume = false, stopAfter = Infinity, device }: SampleRunOptions = {},
): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  const stopping = new AbortController();
  const onEvent = (event: RunEvent): void => {
    events.push(event);
    if (event.type === 'step' && event.step >= stopAfter) stopping.abort();
  };
  const request = { configuration, runFolder, resume, ...(device === undefined ? {} : { device }) };
  await trainJob(request, { onEvent }, stopping.signal);
  return events;
}

export const adapterBytes = (runFolder: string): Promise<Buffer> =>
  readFile(join(runFolder, 'adapter', 'adapter_model.safetensors'));

/** Loss of each step. */
export function lossesOf(events: readonly RunEvent[]): ReadonlyMap<number, number> {
  return new Map(events.flatMap((event) => (event.type === 'step' ? [[event.step, event.loss] as const] : [])));
}
