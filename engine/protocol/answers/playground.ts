/** Messages between the host and the playground, where a person asks a model and sees what tuning changed. */
import type { AnswerToken, GenerateResult, ModelSide, PromptTemplate, SamplingParams } from './generation.ts';

/** What a person asks: everything but the model. */
export interface PlaygroundQuestion {
  readonly prompt: string;
  /** Empty for none. */
  readonly system: string;
  readonly template: PromptTemplate;
  readonly sampling: SamplingParams;
}

/** The model that a playground is about. */
export interface PlaygroundModel {
  /** A run, one of its checkpoints, an adapter or a checkpoint: an absolute path. */
  readonly path: string;
  readonly name: string;
  /** Sides that answer. */
  readonly sides: readonly ModelSide[];
}

/** Host to webview. */
export type PlaygroundHostMessage =
  | { readonly type: 'model'; readonly model: PlaygroundModel }
  /** What the engine is at before the first token, in the user's language. */
  | { readonly type: 'phase'; readonly text: string }
  /** Tokens of all sides since the last message. */
  | { readonly type: 'tokens'; readonly tokens: readonly AnswerToken[] }
  | { readonly type: 'answered'; readonly result: GenerateResult }
  /** The question was given up: by the user (no problem) or for what the problem says. */
  | { readonly type: 'ended'; readonly problem?: string };

/** Webview to host. */
export type PlaygroundWebviewMessage =
  | { readonly type: 'ready' }
  /** Ends the question before, if it is still being answered. */
  | { readonly type: 'ask'; readonly question: PlaygroundQuestion }
  | { readonly type: 'stop' }
  | { readonly type: 'chooseModel' };

/** What the webview keeps with `setState` and the host gets back when the panel is restored. */
export interface PlaygroundState {
  readonly path: string;
  readonly question: PlaygroundQuestion;
}
