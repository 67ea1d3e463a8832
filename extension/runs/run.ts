/** A run as the editor knows it: its folder, what the log tells, and whether a process drives it now. */
import { FINAL_STATUSES } from '../../engine/protocol/runs/events.ts';
import type { JobProgress } from '../../engine/protocol/rpc.ts';
import type { RunSummary } from '../../engine/protocol/runs/runSummary.ts';
import type { ShownStatus } from '../../engine/protocol/webview.ts';
import type { Liveness } from './processLiveness.ts';
import type { RunIdentity } from './runIdentity.ts';

/** Where a run stands in the queue. */
export interface QueuePlace {
  /** File name of its entry. */
  readonly entryName: string;
  /** From 1, among those that wait for the same device. */
  readonly place: number;
  readonly device: string;
  readonly resume: boolean;
}

/** A snapshot; a change makes a new one. */
export interface Run {
  /** Absolute path; identifies the run. */
  readonly folder: string;
  readonly identity: RunIdentity;
  readonly summary: RunSummary;
  /** Evaluations and checkpoints of a long log's middle are not read yet. */
  readonly isPartial: boolean;
  /** Whether there is an event log. */
  readonly hasLog: boolean;
  /** Why the log cannot be read to its end. */
  readonly damage: string | undefined;
  readonly liveness: Liveness;
  /** Ends in the log from before are those of earlier processes; in milliseconds since the epoch. */
  readonly linkedTime: number | undefined;
  readonly queued: QueuePlace | undefined;
  /** This window asked it to stop, and it is saving. */
  readonly isStopping: boolean;
  /** What its process is at, while it is connected and before the first step. */
  readonly progress: JobProgress | undefined;
}

/** The status to show: the log's, corrected by what is known of queue and process. */
export function shownStatus(run: Run): ShownStatus {
  if (run.queued !== undefined) return 'queued';
  const { status, updatedTime = 0 } = run.summary;
  // The log of a run that was just resumed still ends with the status of the time before.
  if (isDriven(run) && FINAL_STATUSES.includes(status) && updatedTime < (run.linkedTime ?? 0)) return 'preparing';
  if (FINAL_STATUSES.includes(status) || isDriven(run)) return status;
  return run.liveness === 'elsewhere' ? status : 'interrupted';
}

/** Whether a process on this machine drives the run. */
export function isDriven(run: Run): boolean {
  return run.liveness === 'alive';
}

export function isRunning(run: Run): boolean {
  const status = shownStatus(run);
  return status === 'preparing' || status === 'selecting' || status === 'training';
}

/** Whether training can go on from a checkpoint, or be tried again where it never began. */
export function canResume(run: Run): boolean {
  const status = shownStatus(run);
  return !isDriven(run) && (status === 'stopped' || status === 'failed' || status === 'interrupted');
}

export function canMerge(run: Run): boolean {
  return run.summary.adapter !== undefined;
}
