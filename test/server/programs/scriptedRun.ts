/**
 * The process of a run whose training is a script: one step each 20 ms until the count of `maxSteps` or a stop. As `run`
 * it trains itself, as `supervised` it has itself started to train.
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { formatEventLine } from '../../../engine/protocol/runs/eventLine.ts';
import type { NewRunEvent, RunEvent } from '../../../engine/protocol/runs/events.ts';
import { serveRun, type TrainRun } from '../../../engine/server/runProcess.ts';
import { superviseRun } from '../../../engine/server/runSupervisor.ts';

const train: TrainRun = async ({ configuration, runFolder }, observer, signal) => {
  const steps = configuration.training.maxSteps ?? 1;
  const file = join(runFolder, 'events.jsonl');
  if (configuration.base === '/crashes') process.exit(42);
  if (configuration.base === '/missing') throw new Error('no checkpoint at /missing');
  writeFileSync(file, formatEventLine({ type: 'log', schemaVersion: 1, time: Date.now() }));
  const append = (event: NewRunEvent): void => {
    const stamped = { ...event, time: Date.now() } as RunEvent;
    appendFileSync(file, formatEventLine(stamped));
    observer.onEvent(stamped);
  };
  append({ type: 'status', status: 'training' });
  for (let step = 1; step <= steps && !signal.aborted; step++) {
    observer.onProgress({ phase: 'training', done: step, total: steps });
    await delay(20);
    append({ type: 'evaluation', step, loss: 1 / step, examples: 1, isBest: true });
  }
  append({ type: 'status', status: signal.aborted ? 'stopped' : 'finished' });
};

const [role, queueFolder, entryName] = process.argv.slice(2) as [string, string, string];
process.exit(
  role === 'supervised' ? await superviseRun(queueFolder, entryName) : await serveRun(queueFolder, entryName, train),
);
