/** An evaluation as a document: scores, changes, and examples whose text cannot become markup. */
import { expect, test } from 'vitest';
import type { AnswerRecord, EvaluationSummary, SideScores } from '../../engine/protocol/answers/evaluation.ts';
import { evaluationDocument } from '../../extension/evaluation/evaluationDocument.ts';

function score(value: number): SideScores {
  const interval = { low: value / 2, high: (1 + value) / 2, method: 'wilson' } as const;
  return { examples: 2, withoutAnswer: 0, scores: { accuracy: { value, interval } } };
}

const summary: EvaluationSummary = {
  ...{ schemaVersion: 1, name: 'held-out', task: 'held-out.jsonl', scoring: 'exact', method: 'generate' },
  ...{
    metric: 'accuracy',
    examples: 2,
    sides: { base: score(0), tuned: score(0.5) },
    gained: 1,
    lost: 0,
    elapsedMs: 5,
  },
};

function answer(side: 'base' | 'tuned', index: number, got: string | null, isRight: boolean): AnswerRecord {
  return {
    side,
    index,
    question: `Which | <b>one</b>\nof ${String(index)}?`,
    expected: ' a*b',
    text: got ?? '',
    got,
    isRight,
  };
}

const answers = [
  answer('tuned', 1, 'a*b', true),
  answer('base', 1, '[x](javascript:y)', false),
  answer('base', 0, null, false),
  answer('tuned', 0, '', false),
];

test('scores, changes, then one row for each example with both answers', () => {
  const text = evaluationDocument(summary, answers, '/runs/first/evaluations/held-out/answers.jsonl');
  expect(text).toContain('| Tuned | accuracy | 50.0 % | 25.0 % – 75.0 % (Wilson) |');
  expect(text).toContain('1 wrong answers became right, 0 right ones wrong.');
  const rows = text.split('\n').filter((line) => /^\| \d/.test(line));
  expect(rows).toHaveLength(2);
  expect(rows[0]).toContain('| ✗ \\(no answer\\) | ✗');
  expect(rows[1]).toContain(String.raw`| a\*b | ✗ \[x\]\(javascript:y\) | ✓ a\*b |`);
});

test('no text of the data becomes markup or breaks its row', () => {
  const text = evaluationDocument(summary, answers, '/x');
  expect(text).toContain(String.raw`Which \| &lt;b\>one&lt;/b\><br>of 0?`);
  expect(text).not.toContain('<b>');
});

test('a long evaluation says where the rest is', () => {
  const many = Array.from({ length: 1200 }, (_, index) => answer('base', index, 'x', false));
  const text = evaluationDocument(summary, many, '/x/answers.jsonl');
  expect(text).toContain('200 more examples are in /x/answers.jsonl.');
});
