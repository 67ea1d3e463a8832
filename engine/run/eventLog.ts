/** The append-only event log of a run: its one writer, for whoever holds the run's lock. */
import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { explainSystemError } from '../files/systemError.ts';
import { formatEventLine } from '../protocol/runs/eventLine.ts';
import { EVENT_SCHEMA_VERSION, type NewRunEvent, type RunEvent } from '../protocol/runs/events.ts';
import type { RunSummary } from '../protocol/runs/runSummary.ts';
import { summarizeEvents } from './eventReader.ts';

const NEWLINE = 0x0a;
const TAIL_BLOCK_BYTES = 64 * 1024;

/** Events that outlive a power loss once written; the others are safe from the death of the process. */
const DURABLE_EVENTS: ReadonlySet<RunEvent['type']> = new Set([
  'status',
  'checkpoint',
  'resumed',
  'result',
  'merged',
  'evaluated',
]);

export interface EventLog {
  /** The run when the log was opened. */
  readonly summary: RunSummary;
  /** Stamps the event with the time and writes its line in one call. */
  readonly append: (event: NewRunEvent) => RunEvent;
  /** Forces every line to disk. */
  readonly sync: () => void;
  readonly close: () => void;
}

/**
 * Opens the log for appending, or creates it. A last line that a killed writer left torn is cut off.
 * @param now clock, in milliseconds since the epoch
 * @throws ExpectedError `run/newerEventLog`, `run/damagedEventLog`
 */
export async function openEventLog(path: string, now: () => number = Date.now): Promise<EventLog> {
  const descriptor = explaining(path, () => openSync(path, 'a+', 0o644));
  try {
    if (explaining(path, () => cutTornLine(descriptor)) === 0) {
      const header = { type: 'log', schemaVersion: EVENT_SCHEMA_VERSION, time: now() } as const;
      explaining(path, () => writeLine(descriptor, formatEventLine(header)));
    }
    const summary = await summarizeEvents(path);
    return {
      summary,
      append: (event) => explaining(path, () => appendEvent(descriptor, event, now())),
      sync: () => explaining(path, () => fdatasyncSync(descriptor)),
      close: () => closeSync(descriptor),
    };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function appendEvent(descriptor: number, newEvent: NewRunEvent, time: number): RunEvent {
  const { type, ...fields } = newEvent;
  const event = { type, time, ...fields } as RunEvent;
  writeLine(descriptor, formatEventLine(event));
  if (DURABLE_EVENTS.has(type)) fdatasyncSync(descriptor);
  return event;
}

/** Writes the line with one call, or not at all: what a full disk took of it is cut off again. */
function writeLine(descriptor: number, line: string): void {
  const bytes = Buffer.from(line);
  const { size } = fstatSync(descriptor);
  try {
    let written = writeSync(descriptor, bytes);
    while (written < bytes.byteLength) written += writeSync(descriptor, bytes, written);
  } catch (error) {
    ftruncateSync(descriptor, size);
    throw error;
  }
}

/** Cuts what follows the last line end; returns the size that is left. */
function cutTornLine(descriptor: number): number {
  const { size } = fstatSync(descriptor);
  const block = Buffer.alloc(TAIL_BLOCK_BYTES);
  let end = size;
  while (end > 0) {
    const start = Math.max(0, end - TAIL_BLOCK_BYTES);
    const length = readSync(descriptor, block, 0, end - start, start);
    const newline = block.subarray(0, length).lastIndexOf(NEWLINE);
    if (newline >= 0) {
      end = start + newline + 1;
      break;
    }
    end = start;
  }
  if (end < size) ftruncateSync(descriptor, end);
  return end;
}

function explaining<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explainSystemError(error, path);
  }
}
