/** A run folder at a glance, for lists of runs: its record, its events, and whether its process still lives. */
import { join } from 'node:path';
import { RUN_FILES, type RunProcess, type RunRecord } from '../protocol/runs/runFolder.ts';
import { afterProcessDeath, type RunSummary } from '../protocol/runs/runSummary.ts';
import { summarizeEvents } from './eventReader.ts';
import { livenessOf } from './processIdentity.ts';
import { readRunProcess } from './runProcess.ts';
import { readRunRecord } from './runRecord.ts';

export interface RunOverview {
  readonly folder: string;
  readonly record: RunRecord;
  /** A run whose process died without a word counts as failed. */
  readonly summary: RunSummary;
  /** The process that drives the run: here, or perhaps on another machine. */
  readonly process: RunProcess | undefined;
}

/** Reads the folder, changing nothing. */
export async function summarizeRun(folder: string): Promise<RunOverview> {
  const record = await readRunRecord(folder);
  const driver = await readRunProcess(folder);
  const isDriven = driver !== undefined && livenessOf(driver) !== 'dead';
  const summary = await summarizeEvents(join(folder, RUN_FILES.events));
  return {
    folder,
    record,
    summary: isDriven ? summary : afterProcessDeath(summary),
    process: isDriven ? driver : undefined,
  };
}
