/**
 * The questions that a decoder is asked with every evaluation during training. Every answer is kept in the run's folder, so
 * that asking goes on where it was stopped.
 */
import { createHash } from 'node:crypto';
import { basename, extname, join } from 'node:path';
import type { CheckpointTokenizer } from '../../checkpoint/tokenizer/tokenizer.ts';
import { dataFingerprint } from '../../data/fingerprint.ts';
import { answerByGeneration, answerByLikelihood, answerByPerplexity, type Asking } from '../../evaluation/answering.ts';
import { openEvaluationFolder, type EvaluationFolder } from '../../evaluation/evaluationFolder.ts';
import type { EvaluationSet } from '../../evaluation/evaluationSet.ts';
import { meanScore, type MeanScore } from '../../evaluation/meanScore.ts';
import { mainMetric } from '../../evaluation/sideScores.ts';
import { evaluationSummary } from '../../evaluation/summary.ts';
import type { Decoder } from '../../inference/decoder.ts';
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import type { EvaluationSummary } from '../../protocol/answers/evaluation.ts';
import type { JobProgress } from '../../protocol/rpc.ts';
import { checkpointName, RUN_FILES } from '../../protocol/runs/runFolder.ts';
import { askedQuestions, evaluationSets } from '../answering/evaluationSets.ts';
import type { Execution } from '../preparation/execution.ts';
import type { PreparedData } from '../preparation/preparation.ts';

/** What was asked at a step. */
export interface StepScore extends MeanScore {
  /** The folders of the answers, relative to the run's. */
  readonly answers: readonly string[];
}

export class StepQuestions {
  readonly #runFolder: string;
  readonly #asked: ReturnType<typeof askedQuestions>;
  readonly #sets: readonly EvaluationSet[];
  readonly #tokenizer: CheckpointTokenizer;
  readonly #onProgress: (progress: JobProgress) => void;

  private constructor(
    runFolder: string,
    asked: ReturnType<typeof askedQuestions>,
    sets: readonly EvaluationSet[],
    tokenizer: CheckpointTokenizer,
    onProgress: (progress: JobProgress) => void,
  ) {
    this.#runFolder = runFolder;
    this.#asked = asked;
    this.#sets = sets;
    this.#tokenizer = tokenizer;
    this.#onProgress = onProgress;
  }

  /**
   * Undefined where the configuration has none, or the model is an encoder, whose evaluation data tells its metrics.
   * @throws ExpectedError `evaluation/…`, `data/…`
   */
  static async read(
    { questions, data }: RunConfiguration,
    { checkpoint, tokenizer }: PreparedData,
    runFolder: string,
    onProgress: (progress: JobProgress) => void,
  ): Promise<StepQuestions | undefined> {
    if (questions === undefined || checkpoint.config.family === 'encoder') return undefined;
    const asked = askedQuestions(questions);
    const { sets } = await evaluationSets(asked, tokenizer, data);
    return new StepQuestions(runFolder, asked, sets, tokenizer, onProgress);
  }

  /**
   * @param execution whose weights carry `values`, the newest ones
   * @throws CancelledError with the answers so far kept
   */
  async ask(execution: Execution, values: Float32Array, step: number, signal: AbortSignal): Promise<StepScore> {
    const identity = createHash('sha256').update(values).digest('hex');
    const open = new OpenOnce(() => execution.openDecoder(values));
    const summaries: EvaluationSummary[] = [];
    const answers: string[] = [];
    try {
      for (const set of this.#sets) {
        const folder = await this.#openFolder(set, step, identity);
        try {
          summaries.push(await this.#askSet(set, folder, execution, open, signal));
          answers.push(`${RUN_FILES.evaluations}/${folder.name}`);
        } finally {
          folder.close();
        }
      }
    } finally {
      await open.release();
    }
    const score = meanScore(summaries, 'tuned');
    if (score === undefined) throw new Error('the tuned side was asked');
    return { ...score, answers };
  }

  /** An earlier attempt at the same step with the same values is gone on with, or taken as it is. */
  async #openFolder(
    { task, scoring, file, maxNewTokens }: EvaluationSet,
    step: number,
    values: string,
  ): Promise<EvaluationFolder> {
    const { method, limit, maxNewTokens: asked } = this.#asked;
    const name = `${basename(task, extname(task))}-${checkpointName(step)}`.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-');
    const identity = {
      ...{ schemaVersion: 1, task, scoring, method, limit: limit ?? null, maxNewTokens: asked ?? maxNewTokens },
      data: { path: file, fingerprint: { ...(await dataFingerprint(file)) } },
      tuning: { step, fingerprint: { algorithm: 'sha256', value: values } },
    };
    return openEvaluationFolder(join(this.#runFolder, RUN_FILES.evaluations), name, identity, true);
  }

  async #askSet(
    set: EvaluationSet,
    folder: EvaluationFolder,
    { forward }: Execution,
    decoder: OpenOnce,
    signal: AbortSignal,
  ): Promise<EvaluationSummary> {
    const start = performance.now();
    const records = [...folder.answers];
    const known = new Set(records.map(({ index }) => index));
    const { method, maxNewTokens = set.maxNewTokens, rowCount } = this.#asked;
    const asking: Asking = {
      items: set.items.filter(({ index }) => !known.has(index)),
      signal,
      onAnswer: (answer) => {
        const record = { side: 'tuned', ...answer } as const;
        records.push(record);
        folder.append(record);
        this.#onProgress({ phase: `asking ${set.task}`, done: records.length, total: set.items.length });
      },
    };
    if (set.scoring === 'perplexity') await answerByPerplexity(forward, asking);
    else if (method === 'likelihood') await answerByLikelihood(forward, asking);
    else if (asking.items.length > 0) {
      const tools = { decoder: await decoder.get(), tokenizer: this.#tokenizer, rowCount };
      await answerByGeneration({ judge: set.judge, maxNewTokens }, asking, tools);
    }
    const { task, scoring } = set;
    const about = { name: folder.name, task, scoring, method, metric: mainMetric(scoring) };
    const summary = evaluationSummary(about, records, performance.now() - start);
    if (!folder.isFinished) await folder.finish(summary);
    return summary;
  }
}

/** A decoder that is opened when it is first needed. */
class OpenOnce {
  readonly #open: () => Promise<Decoder>;
  #decoder: Promise<Decoder> | undefined;

  constructor(open: () => Promise<Decoder>) {
    this.#open = open;
  }

  get(): Promise<Decoder> {
    this.#decoder ??= this.#open();
    return this.#decoder;
  }

  async release(): Promise<void> {
    await (await this.#decoder)?.release();
  }
}
