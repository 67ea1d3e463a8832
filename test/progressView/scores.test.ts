/** Tests how scores of several runs stand side by side. */
import { expect, test } from 'vitest';
import type { EvaluatedEvent } from '../../engine/protocol/runs/events.ts';
import { compareScores } from '../../extension/progressView/scores.ts';

function evaluated(task: string, value: number, more: Partial<EvaluatedEvent> = {}): EvaluatedEvent {
  const place = { type: 'evaluated', time: 1, name: task, path: `evaluations/${task}` } as const;
  return { ...place, task, metric: 'accuracy', value, low: value - 0.1, high: value + 0.1, examples: 100, ...more };
}

test('a row for each task and metric, in the order in which they appear, the last evaluation of a task counting', () => {
  const first = [
    evaluated('boolq', 0.5),
    evaluated('boolq', 0.625),
    evaluated('own.jsonl', 3.25, { metric: 'perplexity' }),
  ];
  const second = [evaluated('piqa', 0.75, { baseValue: 0.5 }), evaluated('boolq', 0.625)];
  expect(compareScores([first, second, []])).toEqual([
    {
      field: 'boolq: accuracy',
      values: ['62.5 % (52.5 % to 72.5 %)', '62.5 % (52.5 % to 72.5 %)', null],
      isDifferent: true,
    },
    { field: 'own.jsonl: perplexity', values: ['3.250 (3.150 to 3.350)', null, null], isDifferent: true },
    { field: 'piqa: accuracy', values: [null, '75.0 % (65.0 % to 85.0 %, base 50.0 %)', null], isDifferent: true },
  ]);
});

test('equal scores are not marked, and runs without evaluations have no rows', () => {
  const [row] = compareScores([[evaluated('piqa', 0.5)], [evaluated('piqa', 0.5)]]);
  expect(row!.isDifferent).toBe(false);
  expect(compareScores([[], []])).toEqual([]);
});
