/** Puts the questions of evaluations to the sides of one model; sessions are made when they are first needed. */
import { decoderOnly } from '../../model/weights/anyWeights.ts';
import { availableParallelism } from 'node:os';
import { answerByGeneration, answerByLikelihood, answerByPerplexity, type Asking } from '../../evaluation/answering.ts';
import type { EvaluationSet } from '../../evaluation/evaluationSet.ts';
import { createDecoder, type Decoder } from '../../inference/decoder.ts';
import { createForwardPass, type ForwardPass } from '../../inference/forwardPass.ts';
import type { AnswerRecord, EvaluateParams } from '../../protocol/answers/evaluation.ts';
import type { ModelSide } from '../../protocol/answers/generation.ts';
import type { JobProgress } from '../../protocol/rpc.ts';
import type { OpenedModel } from './openedModel.ts';

type Method = Pick<EvaluateParams, 'method' | 'rowCount' | 'maxNewTokens'>;

export class Interviewer {
  readonly #model: OpenedModel;
  readonly #method: Method;
  readonly #onProgress: (progress: JobProgress) => void;
  readonly #signal: AbortSignal;
  #decoder: Promise<Decoder> | undefined;
  #forward: Promise<ForwardPass> | undefined;

  constructor(model: OpenedModel, method: Method, onProgress: (progress: JobProgress) => void, signal: AbortSignal) {
    this.#model = model;
    this.#method = method;
    this.#onProgress = onProgress;
    this.#signal = signal;
  }

  /** @param known numbers of the examples whose answers are there already */
  async ask(
    set: EvaluationSet,
    side: ModelSide,
    known: ReadonlySet<number>,
    onAnswer: (answer: AnswerRecord) => void,
  ): Promise<void> {
    const phase = `${set.task}, ${side}`;
    const total = set.items.length;
    let done = known.size;
    this.#onProgress({ phase, done, total });
    this.#model.show(side);
    await this.#answer(set, {
      items: set.items.filter(({ index }) => !known.has(index)),
      signal: this.#signal,
      onAnswer: (answer) => {
        onAnswer({ side, ...answer });
        done += 1;
        this.#onProgress({ phase, done, total });
      },
    });
  }

  async release(): Promise<void> {
    await (await this.#decoder)?.release();
    await (await this.#forward)?.release();
  }

  async #answer(set: EvaluationSet, asking: Asking): Promise<void> {
    const threads = availableParallelism();
    const { weights, tokenizer } = this.#model;
    const { method, rowCount, maxNewTokens = set.maxNewTokens } = this.#method;
    if (set.scoring !== 'perplexity' && method === 'generate') {
      this.#decoder ??= createDecoder(decoderOnly(weights, set.file, 'generation'), { threads });
      const tools = { decoder: await this.#decoder, tokenizer, rowCount };
      await answerByGeneration({ judge: set.judge, maxNewTokens }, asking, tools);
      return;
    }
    this.#forward ??= createForwardPass(weights, { device: 'cpu', threads });
    const ask = set.scoring === 'perplexity' ? answerByPerplexity : answerByLikelihood;
    await ask(await this.#forward, asking);
  }
}
