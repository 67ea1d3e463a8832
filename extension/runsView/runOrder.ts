/** Which runs the list shows, and in which order. */
import type { ShownStatus } from '../../engine/protocol/webview.ts';
import { shownStatus, type Run } from '../runs/run.ts';

export const SORT_KEYS = ['date', 'status', 'model', 'bestLoss', 'name'] as const;

export type SortKey = (typeof SORT_KEYS)[number];

/** Every part that is set must hold. */
export interface RunFilter {
  readonly statuses?: readonly ShownStatus[];
  readonly models?: readonly string[];
  /** Part of the name, in any case. */
  readonly text?: string;
}

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

export function arrangeRuns(runs: readonly Run[], filter: RunFilter, key: SortKey): Run[] {
  return runs.filter((run) => matches(run, filter)).sort((a, b) => compare(a, b, key) || byDate(a, b));
}

export function isFiltering(filter: RunFilter): boolean {
  return filter.statuses !== undefined || filter.models !== undefined || filter.text !== undefined;
}

function matches(run: Run, { statuses, models, text }: RunFilter): boolean {
  return (
    (statuses === undefined || statuses.includes(shownStatus(run))) &&
    (models === undefined || models.includes(run.identity.model)) &&
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
