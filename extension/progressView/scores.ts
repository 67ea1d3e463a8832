/** What evaluations of several finished runs scored, side by side. */
import { l10n } from 'vscode';
import type { EvaluatedEvent } from '../../engine/protocol/runs/events.ts';
import type { ComparisonRow } from '../../engine/protocol/webview.ts';
import { scoreText } from '../text/figures.ts';

/**
 * A row for each evaluation and metric that any of the runs has, in the order in which they first appear. Of several
 * evaluations of one task the last one counts.
 * @param evaluated of each run, oldest first
 */
export function compareScores(evaluated: readonly (readonly EvaluatedEvent[])[]): ComparisonRow[] {
  const all = evaluated.map((events) => new Map(events.map((event) => [fieldOf(event), valueText(event)])));
  const fields = new Set(all.flatMap((scores) => [...scores.keys()]));
  return [...fields].map((field) => {
    const values = all.map((scores) => scores.get(field) ?? null);
    return { field, values, isDifferent: values.some((value) => value !== values[0]) };
  });
}

function fieldOf({ task, metric }: EvaluatedEvent): string {
  return `${task}: ${metric}`;
}

/** Such as `93.1 % (89.0 % to 95.8 %, base 12.0 %)`: value, the range that it is in with a probability of 95 %, and the base's. */
function valueText({ metric, value, low, high, baseValue }: EvaluatedEvent): string {
  const text = (score: number): string => scoreText(metric, score);
  return baseValue === undefined
    ? l10n.t('{0} ({1} to {2})', text(value), text(low), text(high))
    : l10n.t('{0} ({1} to {2}, base {3})', text(value), text(low), text(high), text(baseValue));
}
