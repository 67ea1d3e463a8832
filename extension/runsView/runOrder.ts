/** Which runs the list shows, and in which order. */
import type { ShownStatus } from '../../engine/protocol/webview.ts';
import { shownStatus, type Run } from '../runs/run.ts';

export const SORT_KEYS = ['date', 'status', 'model', 'bestLoss', 'name'] as const;

export type SortKey = (typeof SORT_KEYS)[number];

/** Every part that is set must hold. */
export interface RunFilter {
  readonly statuses?: readonly ShownStatus[];
  readonly models?: readonly string[];
  /** Created within so many days. */
  readonly days?: number;
  /** Best evaluation loss at most. */
  readonly mostLoss?: number;
  /** Part of the name, in any case. */
  readonly text?: string;
}

const DAY_MS = 24 * 3_600_000;

/** What needs attention first. */
const STATUS_ORDER: readonly ShownStatus[] = [
  'training',
  'selecting',
  'preparing',
  'queued',
  'interrupted',
  'failed',
  'stopped',
  'finished',
];

/** @param now in milliseconds since the epoch */
export function arrangeRuns(runs: readonly Run[], filter: RunFilter, key: SortKey, now = Date.now()): Run[] {
  return runs.filter((run) => matches(run, filter, now)).sort((a, b) => compare(a, b, key) || byDate(a, b));
}

export function isFiltering(filter: RunFilter): boolean {
  return Object.values(filter).some((part) => part !== undefined);
}

function matches(run: Run, { statuses, models, days, mostLoss, text }: RunFilter, now: number): boolean {
  return (
    (statuses === undefined || statuses.includes(shownStatus(run))) &&
    (models === undefined || models.includes(run.identity.model)) &&
    (days === undefined || run.identity.createdTime >= now - days * DAY_MS) &&
    (mostLoss === undefined || bestLoss(run) <= mostLoss) &&
    (text === undefined || run.identity.name.toLowerCase().includes(text.toLowerCase()))
  );
}

function compare(a: Run, b: Run, key: SortKey): number {
  switch (key) {
    case 'date':
      return byDate(a, b);
    case 'status':
      return (
        STATUS_ORDER.indexOf(shownStatus(a)) - STATUS_ORDER.indexOf(shownStatus(b)) || queuePlace(a) - queuePlace(b)
      );
    case 'model':
      return a.identity.model.localeCompare(b.identity.model);
    case 'bestLoss':
      return bestLoss(a) - bestLoss(b) || 0;
    case 'name':
      return a.identity.name.localeCompare(b.identity.name, undefined, { numeric: true });
  }
}

/** Newest first. */
function byDate(a: Run, b: Run): number {
  return b.identity.createdTime - a.identity.createdTime || (a.folder < b.folder ? -1 : 1);
}

function bestLoss(run: Run): number {
  return run.summary.bestEvaluation?.loss ?? Number.MAX_VALUE;
}

function queuePlace(run: Run): number {
  return run.queued?.place ?? 0;
}
