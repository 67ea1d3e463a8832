/** Asks an encoder what it makes of a text: each side answers with a label, and how probable every label is. */
import { availableParallelism } from 'node:os';
import { collate } from '../../data/batches/microBatch.ts';
import type { TextLabels } from '../../data/texts/textLabels.ts';
import type { TokenizedExample } from '../../data/tokenization.ts';
import { ExpectedError } from '../../errors/expected.ts';
import { softmax } from '../../evaluation/textScores.ts';
import { createForwardPass, type ForwardPass } from '../../inference/forwardPass.ts';
import type { Answer, AnswerToken, GenerateParams, GenerateResult } from '../../protocol/answers/generation.ts';
import { classifierLabels } from './classifierLabels.ts';
import type { GenerateObserver } from '../contract.ts';
import type { OpenedModel } from './openedModel.ts';

/** As much as an encoder's positions hold; the tokenizer cuts at those. */
const MOST_TOKENS = 1 << 20;

/**
 * Two lines are a pair of texts, anything else is one. The answer is a single "token": the label, with the other labels as
 * its alternatives.
 *
 * @throws ExpectedError `evaluation/noClassifier`, `generation/emptyPrompt`
 */
export async function labelText(
  model: OpenedModel,
  params: GenerateParams,
  base: string,
  { onToken }: Pick<GenerateObserver, 'onToken'>,
): Promise<GenerateResult> {
  const labels = classifierLabels(model, base);
  const { tokenizer } = model;
  const { ids, typeIds } = tokenizer.encodeTexts?.(textsOf(params.prompt), MOST_TOKENS) ?? {
    ids: [],
    typeIds: undefined,
  };
  const example: TokenizedExample = {
    ...{ tokens: Int32Array.from(ids), isLabel: new Uint8Array(ids.length), target: { class: 0 } },
    place: { file: '', line: 1, unit: 'line' },
    ...(typeIds === undefined ? {} : { typeIds: Uint8Array.from(typeIds) }),
  };
  const batch = collate([[example]], tokenizer.padTokenId ?? tokenizer.eosTokenId);
  const forward = await createForwardPass(model.weights, { device: 'cpu', threads: availableParallelism() });
  try {
    const answers: Answer[] = [];
    for (const side of params.sides.filter((asked) => model.sides.includes(asked))) {
      const start = performance.now();
      model.show(side);
      const logits = await logitsOf(forward, batch);
      const token = { side, index: 0, ...answerOf(logits, labels, params.alternatives) };
      onToken(token);
      const { text, logProbability } = token;
      const elapsedMs = performance.now() - start;
      answers.push({ side, text, tokenCount: 1, ending: 'endToken', logProbability, elapsedMs });
    }
    const input = tokenizer.decode(ids, { skipSpecialTokens: false });
    return { template: 'plain', input, inputTokens: ids.length, answers };
  } finally {
    await forward.release();
  }
}

function logitsOf(forward: ForwardPass, batch: ReturnType<typeof collate>): Promise<Float32Array> {
  return forward.logits(batch, batch.labelRows);
}

function textsOf(prompt: string): [string, string?] {
  const lines = prompt.split('\n').filter((line) => line.trim() !== '');
  const [first, second] = lines;
  if (first === undefined) {
    throw new ExpectedError('generation/emptyPrompt', 'there is no text to label', 'Write a text.', {
      field: 'prompt',
    });
  }
  return lines.length === 2 && second !== undefined ? [first, second] : [prompt.trim()];
}

type LabelAnswer = Pick<AnswerToken, 'text' | 'token' | 'logProbability' | 'alternatives'>;

function answerOf(logits: Float32Array, { problem, names }: TextLabels, count: number): LabelAnswer {
  if (problem === 'regression') {
    const value = (logits[0] ?? NaN).toFixed(4);
    return { text: value, token: value, logProbability: 0, alternatives: [] };
  }
  const ranked = softmax(logits)
    .map((probability, label) => ({ token: names[label] ?? '', probability }))
    .sort((a, b) => b.probability - a.probability);
  const [best] = ranked;
  if (best === undefined) throw new Error('a classifier has labels');
  const text = ranked.map(({ token, probability }) => `${token}  ${(probability * 100).toFixed(1)} %`).join('\n');
  const alternatives = ranked
    .slice(0, count)
    .map(({ token, probability }) => ({ token, logProbability: Math.log(probability) }));
  return { text, token: best.token, logProbability: Math.log(best.probability), alternatives };
}
