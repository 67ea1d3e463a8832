/** What a window knows of runs, without the editor: store, queue and launcher over real folders and processes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { runConfigurationSchema } from '../../engine/protocol/configuration/configuration.ts';
import { deathText } from '../../engine/protocol/runs/processDeath.ts';
import { QueueFollower } from '../../extension/queue/queueFollower.ts';
import { RunLauncher } from '../../extension/queue/runLauncher.ts';
import { shownStatus } from '../../extension/runs/run.ts';
import { RunStore } from '../../extension/runs/runStore.ts';

const program = join(import.meta.dirname, '../server/programs/scriptedRun.ts');

export interface FakeWindow {
  readonly store: RunStore;
  readonly queueFolder: string;
  readonly errors: unknown[];
  /** Launches a run of so many steps, each 20 ms; returns its folder. */
  launch(name: string, steps: number): Promise<string>;
  resume(folder: string): Promise<void>;
  status(folder: string): string;
}

export async function newWorkplace(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'neuroada-window-'));
  onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 10 }));
  return root;
}

/** @param root shared by the windows of one user */
export async function openWindow(root: string): Promise<FakeWindow> {
  const errors: unknown[] = [];
  const note = (error: unknown): void => void errors.push(error);
  const store = new RunStore((_, error) => note(error));
  const queueFolder = join(root, 'queue');
  const queue = new QueueFollower(queueFolder, { onChange: (entries) => store.setQueue(entries), onError: note });
  const command = {
    program: process.execPath,
    arguments: [program],
    environment: { ...(process.env as Record<string, string>) },
  };
  const launcher = new RunLauncher(queueFolder, command, {
    onDeath: (folder, end) => void store.died(folder, deathText(end)),
    onQueueChange: () => void queue.read(),
    onError: note,
  });
  onTestFinished(() => {
    queue.dispose();
    store.dispose();
  });
  await queue.start();
  return {
    ...{ store, queueFolder, errors },
    async launch(name, steps) {
      const runFolder = join(root, 'runs', name);
      const data = { train: '/data.jsonl' };
      const configuration = runConfigurationSchema.parse({ base: '/base', data, training: { maxSteps: steps } });
      await launcher.launch({ name, configuration, runFolder, device: 'cpu' });
      await store.refresh(runFolder);
      return runFolder;
    },
    resume: (folder) => launcher.resume(folder, 'cpu', false),
    status(folder) {
      const run = store.get(folder);
      return run === undefined ? 'gone' : shownStatus(run);
    },
  };
}
