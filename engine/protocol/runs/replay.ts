/** What of a run's history still counts: a resumed run takes back the steps that it trains anew. */
import type { ResumedEvent, RunEvent } from './events.ts';

/** Whether `event`, written before the run was resumed, no longer counts. */
function isVoid(event: RunEvent, resumed: ResumedEvent): boolean {
  switch (event.type) {
    case 'step':
    case 'evaluation':
    case 'checkpoint':
      return event.step > resumed.step;
    case 'result':
      return true;
    case 'status':
    case 'selection':
    case 'plan':
    case 'resumed':
    case 'message':
    case 'merged':
    case 'evaluated':
      return false;
  }
}

/** Adds the next event of the log to a history in place; on `resumed`, the void events leave it first. */
export function extendHistory(history: RunEvent[], event: RunEvent): void {
  if (event.type === 'resumed') {
    const kept = history.filter((earlier) => !isVoid(earlier, event));
    history.length = 0;
    for (const earlier of kept) history.push(earlier);
  }
  history.push(event);
}
