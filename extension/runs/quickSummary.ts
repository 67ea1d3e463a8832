/**
 * A run's summary from the head and the tail of its log, so that a thousand long runs list at once. Steps, status and
 * loss are exact; evaluations and checkpoints of the middle are missing until the whole log is read.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { RunEvent } from '../../engine/protocol/runs/events.ts';
import { EMPTY_RUN_SUMMARY, reduceRun, type RunSummary } from '../../engine/protocol/runs/runSummary.ts';
import { parseLines } from './logReader.ts';

const HEAD_BYTES = 4 * 1024;
const TAIL_BYTES = 8 * 1024;

export interface QuickSummary {
  readonly summary: RunSummary;
  /** Whether the middle of the log was left out. */
  readonly isPartial: boolean;
  /** End of the last whole line read, in bytes. */
  readonly offset: number;
  readonly damage: string | undefined;
}

/** Undefined where there is no log. Reads at once, as `readRunIdentity` does. */
export function readQuickSummary(logFile: string): QuickSummary | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(logFile, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { size } = fstatSync(descriptor);
    const isWhole = size <= HEAD_BYTES + TAIL_BYTES;
    const head = readPart(descriptor, 0, isWhole ? size : HEAD_BYTES);
    if (isWhole) return summarize([head], false, 0);
    const tailStart = size - TAIL_BYTES;
    const tail = readPart(descriptor, tailStart, TAIL_BYTES);
    const firstLine = tail.indexOf('\n') + 1;
    return summarize([head, tail.subarray(firstLine)], true, tailStart + firstLine);
  } finally {
    closeSync(descriptor);
  }
}

function summarize(parts: readonly Buffer[], isPartial: boolean, lastStart: number): QuickSummary {
  const events: RunEvent[] = [];
  let damage: string | undefined;
  let lastEnd = 0;
  for (const part of parts) {
    lastEnd = part.lastIndexOf('\n') + 1;
    damage ??= parseLines(part.toString('utf8', 0, lastEnd), events, true)?.message;
  }
  const summary = events.length === 0 ? EMPTY_RUN_SUMMARY : reduceRun(events);
  return { summary, isPartial, offset: lastStart + lastEnd, damage };
}

function readPart(descriptor: number, start: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  return buffer.subarray(0, readSync(descriptor, buffer, 0, length, start));
}
