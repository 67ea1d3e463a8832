/**
 * A run's summary from the head and the tail of its log, so that a thousand long runs list at once. Steps, status and
 * loss are exact; evaluations and checkpoints of the middle are missing until the whole log is read.
 */
import { open, type FileHandle } from 'node:fs/promises';
import type { RunEvent } from '../../engine/protocol/events.ts';
import { EMPTY_RUN_SUMMARY, reduceRun, type RunSummary } from '../../engine/protocol/runSummary.ts';
import { parseLines } from './logReader.ts';

const PART_BYTES = 16 * 1024;

export interface QuickSummary {
  readonly summary: RunSummary;
  /** Whether the middle of the log was left out. */
  readonly isPartial: boolean;
  /** End of the last whole line read, in bytes. */
  readonly offset: number;
  readonly damage: string | undefined;
}

/** Undefined where there is no log. */
export async function readQuickSummary(logFile: string): Promise<QuickSummary | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(logFile, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { size } = await handle.stat();
    const head = await readPart(handle, 0, Math.min(size, 2 * PART_BYTES));
    if (size <= 2 * PART_BYTES) return summarize([head], false, 0);
    const tailStart = size - PART_BYTES;
    const tail = await readPart(handle, tailStart, PART_BYTES);
    const firstLine = tail.indexOf('\n') + 1;
    return summarize([head, tail.subarray(firstLine)], true, tailStart + firstLine);
  } finally {
    await handle.close();
  }
}

function summarize(parts: readonly Buffer[], isPartial: boolean, lastStart: number): QuickSummary {
  const events: RunEvent[] = [];
  let damage: string | undefined;
  let lastEnd = 0;
  for (const part of parts) {
    lastEnd = part.lastIndexOf('\n') + 1;
    damage ??= parseLines(part.toString('utf8', 0, lastEnd), events)?.message;
  }
  const summary = events.length === 0 ? EMPTY_RUN_SUMMARY : reduceRun(events);
  return { summary, isPartial, offset: lastStart + lastEnd, damage };
}

async function readPart(handle: FileHandle, start: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await handle.read(buffer, 0, length, start);
  return buffer.subarray(0, bytesRead);
}
