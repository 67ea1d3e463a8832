/** Asks a model the questions of an evaluation: by generating answers, by comparing possible ones, or by perplexity. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { collate } from '../data/batches/microBatch.ts';
import { CancelledError } from '../errors/expected.ts';
import { GREEDY } from '../generation/sampling.ts';
import { generateTexts } from '../generation/textGeneration.ts';
import type { TokenDecoder } from '../generation/textStream.ts';
import type { Decoder } from '../inference/decoder.ts';
import type { ForwardPass } from '../inference/forwardPass.ts';
import type { AnswerRecord } from '../protocol/answers/evaluation.ts';
import { continuationLogProbabilities } from './continuations.ts';
import type { EvaluationItem, EvaluationSet } from './evaluationSet.ts';

/** What a question brought, without the side that was asked. */
export type SideAnswer = Omit<AnswerRecord, 'side'>;

export interface Asking {
  readonly items: readonly EvaluationItem[];
  /** Told each answer, in whatever order they come. */
  readonly onAnswer: (answer: SideAnswer) => void;
  readonly signal: AbortSignal;
}

export interface GenerationTools {
  readonly decoder: Decoder;
  readonly tokenizer: TokenDecoder & { readonly eosTokenIds: readonly number[] };
  /** Answers that are generated side by side. */
  readonly rowCount: number;
}

/** Greedy answers. */
export async function answerByGeneration(
  { judge, maxNewTokens }: Pick<EvaluationSet, 'judge' | 'maxNewTokens'>,
  { items, onAnswer, signal }: Asking,
  { decoder, tokenizer, rowCount }: GenerationTools,
): Promise<void> {
  const options = {
    ...{ maxNewTokens, rowCount, sampling: GREEDY, seed: 0, stopSequences: [] },
    eosTokenIds: tokenizer.eosTokenIds,
  };
  const prompts = items.map(({ prompt }) => prompt);
  await generateTexts(decoder, tokenizer, prompts, options, {
    signal,
    onEnd(number, { text, tokenCount }) {
      const item = items[number];
      if (item === undefined) throw new Error(`there is no question ${String(number)}`);
      const { index, question, expected, promptText } = item;
      const judgement = judge({ prompt: promptText, generated: text }, expected);
      onAnswer({ index, question, expected, text, ...judgement, tokenCount });
    },
  });
}

/** The choice that the model finds most probable, the sum over its tokens taken as it is. */
export async function answerByLikelihood(forward: ForwardPass, asking: Asking): Promise<void> {
  for (const { index, question, expected, prompt, choices } of asking.items) {
    const continuations = choices.map(({ tokens }) => tokens);
    const logProbabilities = await continuationLogProbabilities(forward, prompt, continuations);
    const best = logProbabilities.indexOf(Math.max(...logProbabilities));
    const got = choices[best]?.label ?? null;
    asking.onAnswer({
      ...{ index, question, expected, text: '', got },
      isRight: got === expected.trim(),
      logProbability: logProbabilities[best] ?? NaN,
      tokenCount: continuations[best]?.length ?? 0,
    });
    await nextQuestion(asking.signal);
  }
}

/** The log-probability of each expected answer, given its prompt; of a whole text where there is no prompt. */
export async function answerByPerplexity(forward: ForwardPass, asking: Asking): Promise<void> {
  for (const { index, question, expected, example } of asking.items) {
    if (example === undefined) throw new Error('perplexity needs the expected answer as tokens');
    const batch = collate([[example]], 0);
    const loss = await forward.lossSum(batch);
    asking.onAnswer({
      ...{ index, question, expected, text: '', got: null, isRight: false },
      logProbability: -loss,
      tokenCount: batch.labels.length,
    });
    await nextQuestion(asking.signal);
  }
}

async function nextQuestion(signal: AbortSignal): Promise<void> {
  await nextTurn();
  if (signal.aborted) throw new CancelledError();
}
