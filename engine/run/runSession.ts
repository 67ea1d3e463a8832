/** A run while a process drives it: lock, event log, checkpoints and TensorBoard's files behind one handle. */
import { join } from 'node:path';
import type { ExpectedError } from '../errors/expected.ts';
import { removeTemporaries } from '../files/temporaryName.ts';
import type { NewRunEvent, RunEvent } from '../protocol/runs/events.ts';
import { RUN_FILES, type RunRecord } from '../protocol/runs/runFolder.ts';
import { applyRunEvent, type RunSummary } from '../protocol/runs/runSummary.ts';
import {
  discardCheckpointsAfter,
  newestCheckpoint,
  pruneCheckpoints,
  removeUnfinishedCheckpoints,
  saveCheckpoint,
  type LoadedCheckpoint,
  type NewCheckpoint,
} from './checkpointStore.ts';
import { openEventLog, type EventLog } from './eventLog.ts';
import { thisProcess } from './processIdentity.ts';
import { acquireRunLock, type ReleaseRun } from './runLock.ts';
import { removeRunProcess, writeRunProcess } from './runProcess.ts';
import { readRunRecord } from './runRecord.ts';
import { TensorboardLog } from './tensorboardLog.ts';

export interface RunSessionOptions {
  /** Called with every event, after its line is written. */
  readonly onEvent?: (event: RunEvent) => void;
  /** Clock, in milliseconds since the epoch. */
  readonly now?: () => number;
  /** Where this process listens for commands. */
  readonly address?: string;
}

/**
 * Takes the run for this process.
 * @throws ExpectedError `run/alreadyDriven`, `run/notARun`, `run/newerRun`, `run/newerEventLog`, `run/damaged…`
 */
export async function openRun(runFolder: string, options: RunSessionOptions = {}): Promise<RunSession> {
  const { onEvent, now = Date.now, address } = options;
  const record = await readRunRecord(runFolder);
  const owner = thisProcess(now(), address);
  const release = await acquireRunLock(runFolder, owner);
  try {
    await removeTemporaries(runFolder);
    await writeRunProcess(runFolder, owner);
    await removeUnfinishedCheckpoints(runFolder);
    const log = await openEventLog(join(runFolder, RUN_FILES.events), now);
    return new RunSession(runFolder, record, log, release, onEvent);
  } catch (error) {
    await release();
    throw error;
  }
}

export class RunSession {
  readonly folder: string;
  readonly record: RunRecord;
  readonly #log: EventLog;
  readonly #release: ReleaseRun;
  readonly #onEvent: ((event: RunEvent) => void) | undefined;
  readonly #tensorboard: TensorboardLog;
  #summary: RunSummary;

  constructor(
    folder: string,
    record: RunRecord,
    log: EventLog,
    release: ReleaseRun,
    onEvent: ((event: RunEvent) => void) | undefined,
  ) {
    this.folder = folder;
    this.record = record;
    this.#log = log;
    this.#release = release;
    this.#onEvent = onEvent;
    this.#tensorboard = new TensorboardLog(join(folder, RUN_FILES.tensorboard));
    this.#summary = log.summary;
  }

  /** The run so far. */
  get summary(): RunSummary {
    return this.#summary;
  }

  append(newEvent: NewRunEvent): RunEvent {
    const event = this.#log.append(newEvent);
    this.#summary = applyRunEvent(this.#summary, event);
    this.#tensorboard.record(event);
    this.#onEvent?.(event);
    return event;
  }

  /**
   * Takes the run back to its newest good checkpoint, or to its start where it has none (undefined): later steps become
   * void. A damaged checkpoint is passed over with a warning in the log.
   */
  async resume(): Promise<LoadedCheckpoint | undefined> {
    const { checkpoint, damaged } = await newestCheckpoint(this.folder);
    for (const error of damaged) this.#warn(error);
    const step = checkpoint?.step ?? 0;
    this.append({ type: 'resumed', step });
    await discardCheckpointsAfter(this.folder, step);
    return checkpoint;
  }

  /**
   * Writes a checkpoint of the last step and tells the log; then removes old ones, never the newest nor that of the
   * best evaluation.
   */
  async saveCheckpoint(checkpoint: NewCheckpoint): Promise<void> {
    this.#log.sync();
    const path = await saveCheckpoint(this.folder, checkpoint);
    if (this.#summary.checkpoints.at(-1)?.step !== checkpoint.step) {
      this.append({ type: 'checkpoint', step: checkpoint.step, path });
    }
    const best = this.#summary.bestEvaluation?.step;
    const alsoKeep = new Set(best === undefined ? [] : [best]);
    await pruneCheckpoints(this.folder, this.record.configuration.training.keepCheckpoints, alsoKeep);
  }

  /** Gives the run free; the last status event should have told how it ended. */
  async close(): Promise<void> {
    this.#tensorboard.close();
    this.#log.close();
    await removeRunProcess(this.folder);
    await this.#release();
  }

  #warn(error: ExpectedError): void {
    this.append({ type: 'message', level: 'warning', code: error.code, text: error.message });
  }
}
