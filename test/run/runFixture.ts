/** Runs in temporary folders, and lists of events. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { runConfigurationSchema } from '../../engine/protocol/configuration/configuration.ts';
import type { NewRunEvent, RunEvent } from '../../engine/protocol/runs/events.ts';
import type { RunRecord } from '../../engine/protocol/runs/runFolder.ts';
import { createRun } from '../../engine/run/runRecord.ts';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'neuroada-run-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Creates a run in a temporary folder and returns its path. */
export async function newRun(training: object = {}): Promise<string> {
  const folder = join(temporaryFolder(), 'run');
  await createRun(folder, runOf(training), 1_700_000_000_000);
  return folder;
}

export function runOf(training: object = {}): Omit<RunRecord, 'schemaVersion' | 'id' | 'createdTime'> {
  const fingerprint = { algorithm: 'sha256', value: 'ab12' };
  return {
    name: 'a run',
    productVersion: '0.1.0',
    configuration: runConfigurationSchema.parse({ base: '/models/base', data: { train: '/data/a.jsonl' }, training }),
    base: { path: '/models/base', modelType: 'llama', fingerprint },
    data: [{ path: '/data/a.jsonl', fingerprint }],
  };
}

/** Gives events times 1, 2, 3, … */
export function stamped(events: readonly NewRunEvent[]): RunEvent[] {
  return events.map((event, index) => ({ ...event, time: index + 1 }));
}

/** Steps of the step events among `events`. */
export function stepsOf(events: readonly RunEvent[]): number[] {
  return events.filter((event) => event.type === 'step').map((event) => event.step);
}
