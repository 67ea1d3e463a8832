/** Evaluations below a run: what they scored, and the answers that open. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EMPTY_RUN_SUMMARY, reduceRun, type RunEvaluation } from '../../engine/protocol/runs/runSummary.ts';
import type { Run } from '../../extension/runs/run.ts';
import { groupNodes, partItem, type RunPart } from '../../extension/runsView/runNodes.ts';

const FOLDER = join('/runs', 'asked');

function partsOf(evaluations: readonly RunEvaluation[]): readonly RunPart[] {
  const events = evaluations.map((evaluation) => ({
    ...({ type: 'evaluation', time: 0, examples: 8, isBest: true, ...evaluation } as const),
  }));
  const run: Run = {
    folder: FOLDER,
    identity: {
      ...{ name: 'asked', model: 'llama', createdTime: 0, configuration: undefined, hasRecord: true },
      problem: undefined,
    },
    summary: { ...EMPTY_RUN_SUMMARY, ...reduceRun(events) },
    ...{ isPartial: false, hasLog: true, damage: undefined, liveness: 'absent', linkedTime: undefined },
    ...{ queued: undefined, isStopping: false, progress: undefined },
  };
  return groupNodes(run, 'evaluations', []).flatMap((node) => (node.kind === 'part' ? [node.part] : []));
}

test('the score that counts stands first, the newest step on top, and the best one is told', () => {
  const parts = partsOf([
    { step: 5, loss: 0.5, scores: { accuracy: 0.75 }, chosenBy: 'accuracy', answers: ['evaluations/a-step-000005'] },
    { step: 10, loss: 0.25, scores: { accuracy: 0.5 }, chosenBy: 'accuracy', answers: ['evaluations/a-step-000010'] },
  ]);
  expect(parts.map(({ label, description }) => [label, description])).toEqual([
    ['Step 10', 'accuracy 50.0 %, loss 0.2500'],
    ['Step 5', 'accuracy 75.0 %, loss 0.5000, best'],
  ]);
  const [, best] = parts;
  expect(partItem(FOLDER, best!).command).toMatchObject({
    command: 'neuroada.openEvaluation',
    arguments: [join(FOLDER, 'evaluations', 'a-step-000005')],
  });
});

test('of several tasks each has answers of its own, below their mean', () => {
  const scores = { accuracy: 0.5, boolq: 0.25, piqa: 0.75 };
  const answers = ['evaluations/boolq-step-000005', 'evaluations/piqa-step-000005'];
  const parts = partsOf([{ step: 5, loss: 1, scores, chosenBy: 'loss', answers }]);
  expect(parts.map(({ label, description }) => [label, description])).toEqual([
    ['Step 5', 'loss 1.000, best'],
    ['boolq-step-000005', ''],
    ['piqa-step-000005', ''],
  ]);
  const [mean, first] = parts.map((part) => partItem(FOLDER, part).command);
  expect(mean).toBeUndefined();
  expect(first).toMatchObject({ arguments: [join(FOLDER, 'evaluations', 'boolq-step-000005')] });
});
