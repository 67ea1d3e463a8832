/**
 * Answers a prompt with a model's sides, which take turns token by token, so that both can be read as they come. Encoders
 * label the text instead.
 */
import { isEncoder } from '../../model/weights/anyWeights.ts';
import type { DecoderWeights } from '../../model/weights/decoderWeights.ts';
import { availableParallelism } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CancelledError } from '../../errors/expected.ts';
import { openScheduler } from '../../generation/generation.ts';
import type { GenerationOptions } from '../../generation/contract.ts';
import type { GeneratedToken } from '../../generation/sequence.ts';
import { textListener } from '../../generation/textGeneration.ts';
import { createDecoder, type Decoder } from '../../inference/decoder.ts';
import type {
  Answer,
  AnswerToken,
  GenerateParams,
  GenerateResult,
  ModelSide,
} from '../../protocol/answers/generation.ts';
import type { GenerateObserver } from '../contract.ts';
import { labelText } from './labelText.ts';
import { locateModel, type ModelLocation } from './modelLocation.ts';
import { openModel, type OpenedModel } from './openedModel.ts';
import { promptTokens, type TokenizedPrompt } from './promptTokens.ts';

/** Opens the model that is asked for, or has it at hand already. */
export type OpenModel = (location: ModelLocation) => Promise<OpenedModel>;

const openAnew: OpenModel = (location) => openModel(location, new Date());

/** @throws ExpectedError `generation/…`, `run/…`, `adapter/…`, `checkpoint/…` */
export async function generateJob(
  params: GenerateParams,
  observer: GenerateObserver,
  signal: AbortSignal,
  open: OpenModel = openAnew,
): Promise<GenerateResult> {
  observer.onProgress?.({ phase: 'loading the model', done: 0, total: 0 });
  const location = await locateModel(params);
  const model = await open(location);
  try {
    if (isEncoder(model.weights)) return await labelText(model, params, location.base, observer);
    const { weights } = model;
    const prompt = await promptTokens(params, model.tokenizer, location.runFolder);
    return await answer(model, weights, prompt, params, observer, signal);
  } finally {
    if (open === openAnew) await model.release();
    else model.show('base');
  }
}

async function answer(
  model: OpenedModel,
  weights: DecoderWeights,
  prompt: TokenizedPrompt,
  params: GenerateParams,
  { onToken, onProgress }: GenerateObserver,
  signal: AbortSignal,
): Promise<GenerateResult> {
  const decoder = await createDecoder(weights, { threads: availableParallelism() });
  onProgress?.({ phase: 'answering', done: 0, total: 0 });
  try {
    const sides = params.sides.filter((side) => model.sides.includes(side));
    const answers = sides.map((side) => new SideAnswer(side, model, decoder, prompt, params, onToken));
    for (let open = answers; open.length > 0; open = open.filter((answer) => !answer.isDone)) {
      for (const answer of open) await answer.advance();
      await nextTurn();
      if (signal.aborted) throw new CancelledError();
    }
    return {
      template: prompt.template,
      input: prompt.text,
      inputTokens: prompt.tokens.length,
      answers: answers.map((answer) => answer.answer),
    };
  } finally {
    await decoder.release();
  }
}

/** The answer of one side while it comes. */
class SideAnswer {
  isDone = false;
  readonly #side: ModelSide;
  readonly #model: OpenedModel;
  readonly #scheduler: ReturnType<typeof openScheduler>;
  #answer: Answer;

  constructor(
    side: ModelSide,
    model: OpenedModel,
    decoder: Decoder,
    prompt: TokenizedPrompt,
    params: GenerateParams,
    onToken: GenerateObserver['onToken'],
  ) {
    this.#side = side;
    this.#model = model;
    this.#answer = { side, text: '', tokenCount: 0, ending: 'length', logProbability: 0, elapsedMs: 0 };
    const listener = textListener(model.tokenizer, 1, params.sampling.stopSequences, {
      onToken: (token, text) => {
        onToken(this.#told(token, text));
      },
      onEnd: (_, { text, tokenCount, ending }) => {
        this.#answer = { ...this.#answer, text, tokenCount, ending };
      },
    });
    this.#scheduler = openScheduler(decoder, [prompt.tokens], optionsOf(params, model), listener);
  }

  get answer(): Answer {
    return this.#answer;
  }

  async advance(): Promise<void> {
    const start = performance.now();
    this.#model.show(this.#side);
    this.isDone = !(await this.#scheduler.advance());
    this.#answer = { ...this.#answer, elapsedMs: this.#answer.elapsedMs + performance.now() - start };
  }

  #told({ token, logProbability = 0, alternatives }: GeneratedToken, text: string): AnswerToken {
    const { tokenCount: index } = this.#answer;
    this.#answer = {
      ...this.#answer,
      tokenCount: index + 1,
      logProbability: this.#answer.logProbability + logProbability,
    };
    const textOf = (id: number): string => this.#model.tokenizer.decode([id], { skipSpecialTokens: false });
    return {
      side: this.#side,
      index,
      text,
      token: textOf(token),
      logProbability,
      alternatives: alternatives.map((other) => ({ token: textOf(other.token), logProbability: other.logProbability })),
    };
  }
}

function optionsOf({ sampling, alternatives }: GenerateParams, { tokenizer }: OpenedModel): GenerationOptions {
  const { temperature, topK, topP, repetitionPenalty, seed, maxNewTokens } = sampling;
  return {
    maxNewTokens,
    eosTokenIds: tokenizer.eosTokenIds,
    rowCount: 1,
    sampling: { temperature, topK, topP, repetitionPenalty },
    seed,
    alternatives,
  };
}
