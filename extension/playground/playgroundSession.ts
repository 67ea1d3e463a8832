/** One playground's questions to the engine: one at a time, their tokens passed on in batches that a page can keep up with. */
import type { AnswerToken, GenerateParams } from '../../engine/protocol/answers/generation.ts';
import type {
  PlaygroundHostMessage,
  PlaygroundModel,
  PlaygroundQuestion,
} from '../../engine/protocol/answers/playground.ts';
import type { JobProgress } from '../../engine/protocol/rpc.ts';
import { CancelledError, EngineExpectedError } from '../engine/engineError.ts';
import type { JobsEngine } from '../engine/jobsEngine.ts';

/** Alternatives that are shown with each token. */
const ALTERNATIVES = 5;
/** Tokens are passed on at most so often. */
const BATCH_MS = 40;

export interface SessionPorts {
  readonly engine: Pick<JobsEngine, 'run'>;
  readonly post: (message: PlaygroundHostMessage) => void;
  /** The engine's words for what it is at, in the user's language. */
  readonly phaseText: (phase: string) => string;
  /** Told of failures that are not the user's to mend. */
  readonly onBug: (error: unknown) => void;
}

export class PlaygroundSession {
  readonly #ports: SessionPorts;
  #model: PlaygroundModel;
  #asking: AbortController | undefined;
  #waiting: AnswerToken[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(model: PlaygroundModel, ports: SessionPorts) {
    this.#model = model;
    this.#ports = ports;
  }

  get model(): PlaygroundModel {
    return this.#model;
  }

  /** Shows another model; a question to the one before is given up. */
  show(model: PlaygroundModel): void {
    this.stop();
    this.#model = model;
    this.#ports.post({ type: 'model', model });
  }

  /** Fulfilled when the question is answered or given up. */
  async ask(question: PlaygroundQuestion): Promise<void> {
    this.stop();
    const asking = new AbortController();
    this.#asking = asking;
    const isCurrent = (): boolean => this.#asking === asking;
    try {
      const params = paramsOf(question, this.#model);
      const result = await this.#ports.engine.run('generate', params, asking.signal, (progress) => {
        if (isCurrent()) this.#receive(progress);
      });
      if (isCurrent()) this.#end({ type: 'answered', result });
    } catch (error) {
      if (isCurrent()) this.#end(this.#endOf(error));
    }
  }

  /** Tells the page that a question is not asked at all. */
  refuse(): void {
    this.#ports.post({ type: 'ended' });
  }

  /** Gives the question up; what was answered so far stays on the page. */
  stop(): void {
    const asking = this.#asking;
    if (asking === undefined) return;
    this.#end({ type: 'ended' });
    asking.abort();
  }

  #receive({ phase, token }: JobProgress): void {
    if (token === undefined) {
      this.#ports.post({ type: 'phase', text: this.#ports.phaseText(phase) });
      return;
    }
    this.#waiting.push(token);
    this.#timer ??= setTimeout(() => this.#flush(), BATCH_MS);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length > 0) this.#ports.post({ type: 'tokens', tokens: this.#waiting });
    this.#waiting = [];
  }

  #end(message: PlaygroundHostMessage): void {
    this.#flush();
    this.#asking = undefined;
    this.#ports.post(message);
  }

  #endOf(error: unknown): PlaygroundHostMessage {
    if (error instanceof CancelledError) return { type: 'ended' };
    if (!(error instanceof EngineExpectedError)) this.#ports.onBug(error);
    return { type: 'ended', problem: error instanceof Error ? error.message : String(error) };
  }
}

function paramsOf({ prompt, system, template, sampling }: PlaygroundQuestion, model: PlaygroundModel): GenerateParams {
  return {
    ...{ model: model.path, sides: model.sides, prompt, template, sampling, alternatives: ALTERNATIVES },
    ...(system.trim() === '' ? {} : { system }),
  };
}
