/** A queue folder with runs in it, and the processes that train them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { runConfigurationSchema } from '../../engine/protocol/configuration/configuration.ts';
import { queueEntryName, type QueueEntry, type RunControl, type RunRequest } from '../../engine/protocol/runs/queue.ts';
import { connectEngine, type EngineConnection } from '../../extension/engine/engineConnection.ts';

const program = join(import.meta.dirname, 'programs', 'scriptedRun.ts');

export interface QueueFixture {
  readonly folder: string;
  /** Queues a run of so many steps; returns its folder. */
  add(order: number, steps: number, base?: string): string;
  start(order: number, role?: 'run' | 'supervised'): ChildProcess;
}

export function newQueue(): QueueFixture {
  const root = mkdtempSync(join(tmpdir(), 'neuroada-queue-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
  const folder = join(root, 'queue');
  mkdirSync(folder);
  return {
    folder,
    add(order, steps, base = '/base') {
      const runFolder = join(root, `run-${order}`);
      mkdirSync(runFolder);
      const data = { train: '/data.jsonl' };
      const configuration = runConfigurationSchema.parse({ base, data, training: { maxSteps: steps } });
      const request: RunRequest = { schemaVersion: 1, name: `run ${order}`, createdTime: order, configuration };
      const entry: QueueEntry = { schemaVersion: 1, runFolder, device: 'cpu', resume: false, queuedTime: order };
      writeFileSync(join(runFolder, 'request.json'), JSON.stringify(request));
      writeFileSync(join(folder, queueEntryName(order, `run-${order}`)), JSON.stringify(entry));
      return runFolder;
    },
    start(order, role = 'run') {
      const name = queueEntryName(order, `run-${order}`);
      const child = spawn(process.execPath, [program, role, folder, name], { stdio: ['ignore', 'inherit', 'pipe'] });
      onTestFinished(() => void child.kill('SIGKILL'));
      return child;
    },
  };
}

/** Connects to the live process of a run. */
export async function connectRun(runFolder: string): Promise<EngineConnection> {
  await until(() => existsSync(join(runFolder, 'control.json')));
  const control = JSON.parse(readFileSync(join(runFolder, 'control.json'), 'utf8')) as RunControl;
  return connectEngine(control.address, control.token);
}

export async function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

/** Types and steps of the run's events, such as `evaluation 3`. */
export function eventsOf(runFolder: string): string[] {
  const file = join(runFolder, 'events.jsonl');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(1);
  return lines.map((line) => {
    const event = JSON.parse(line) as { type: string; step?: number; status?: string };
    return `${event.type} ${String(event.step ?? event.status)}`;
  });
}

export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await delay(10);
}
