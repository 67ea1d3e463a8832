/** Evaluates an encoder: labels texts with and without what tuned it, and keeps every answer. */
import { availableParallelism } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CancelledError } from '../../errors/expected.ts';
import type { EvaluationFolder } from '../../evaluation/evaluationFolder.ts';
import { textRecord, textSummary } from '../../evaluation/textAnswers.ts';
import { answerTexts } from '../../evaluation/textScores.ts';
import type { TextLabels } from '../../data/texts/textLabels.ts';
import { createForwardPass, type ForwardPass } from '../../inference/forwardPass.ts';
import type {
  AnswerRecord,
  EvaluateParams,
  EvaluateResult,
  EvaluationSummary,
} from '../../protocol/answers/evaluation.ts';
import type { ModelSide } from '../../protocol/answers/generation.ts';
import type { JobProgress } from '../../protocol/rpc.ts';
import { classifierLabels } from './classifierLabels.ts';
import type { OpenedModel } from './openedModel.ts';
import { textSets, type TextSet } from './textSets.ts';

/** What the caller does with the folder of each set. */
export interface TextEvaluationHooks {
  readonly openFolder: (set: TextSet, scoring: string) => Promise<EvaluationFolder>;
  readonly record: (folder: EvaluationFolder, summary: EvaluationSummary) => Promise<void>;
  readonly onProgress: (progress: JobProgress) => void;
}

/** Texts between two looks at whether the work is cancelled. */
const GROUP = 64;

/** @throws ExpectedError `evaluation/noClassifier`, `evaluation/…`, `data/…`; CancelledError */
export async function evaluateTexts(
  params: EvaluateParams,
  model: OpenedModel,
  base: string,
  runFolder: string | undefined,
  hooks: TextEvaluationHooks,
  signal: AbortSignal,
): Promise<EvaluateResult> {
  const labels = classifierLabels(model, base);
  const { encodeTexts } = model.tokenizer;
  if (encodeTexts === undefined) throw new Error("an encoder's tokenizer encodes texts");
  const { sets, missing } = await textSets(params, labels, encodeTexts, runFolder);
  const forward = await createForwardPass(model.weights, { device: 'cpu', threads: availableParallelism() });
  const sides = model.sides.filter((side) => side === model.sides.at(-1) || params.includesBase);
  const evaluations: { folder: string; summary: EvaluationSummary }[] = [];
  try {
    for (const set of sets) {
      const folder = await hooks.openFolder(set, labels.problem);
      try {
        const start = performance.now();
        const answers = await answerSides(set, sides, folder, labels, model, forward, hooks, signal);
        const about = { name: folder.name, task: set.name };
        const summary = textSummary(about, set.task, labels, answers, performance.now() - start);
        if (!folder.isFinished) {
          await folder.finish(summary);
          await hooks.record(folder, summary);
        }
        evaluations.push({ folder: folder.path, summary });
      } finally {
        folder.close();
      }
    }
    return { evaluations, missing };
  } finally {
    await forward.release();
  }
}

/** The answers of all sides, those that an earlier attempt left included. */
async function answerSides(
  { name, examples }: TextSet,
  sides: readonly ModelSide[],
  folder: EvaluationFolder,
  labels: TextLabels,
  model: OpenedModel,
  forward: ForwardPass,
  { onProgress }: TextEvaluationHooks,
  signal: AbortSignal,
): Promise<readonly AnswerRecord[]> {
  const answers = [...folder.answers];
  const padTokenId = model.tokenizer.padTokenId ?? model.tokenizer.eosTokenId;
  for (const side of sides) {
    const known = new Set(answers.filter((answer) => answer.side === side).map(({ index }) => index));
    const open = [...examples.keys()].filter((index) => !known.has(index));
    model.show(side);
    for (let start = 0; start < open.length; start += GROUP) {
      onProgress({ phase: `${name}, ${side}`, done: known.size + start, total: examples.length });
      const numbers = open.slice(start, start + GROUP);
      const group = numbers.map((number) => examples[number]).filter((example) => example !== undefined);
      for (const answer of await answerTexts(forward, group, labels, padTokenId)) {
        const [index, example] = [numbers[answer.index], group[answer.index]];
        if (index === undefined || example === undefined) continue;
        const record = { side, ...textRecord({ ...answer, index }, example, labels) };
        answers.push(record);
        folder.append(record);
      }
      await nextTurn();
      if (signal.aborted) throw new CancelledError();
    }
  }
  return answers;
}
