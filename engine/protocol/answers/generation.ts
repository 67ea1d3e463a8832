/** Asking a model, on the wire: which model, what prompt, how tokens are chosen, and the tokens as they come. */

/** The model without its adapters, and with them. */
export const MODEL_SIDES = ['base', 'tuned'] as const;

export type ModelSide = (typeof MODEL_SIDES)[number];

/** A model as a person names it. */
export interface ModelReference {
  /** A run folder, a run's own checkpoint (`checkpoints/step-000100`), an adapter folder or file, or a checkpoint folder. */
  readonly model: string;
  /** The base checkpoint's folder, where it is not where the adapter says. */
  readonly base?: string;
}

export const PROMPT_TEMPLATES = ['auto', 'chat', 'alpaca', 'commonsense', 'plain'] as const;

/** How a prompt becomes the model's input: `auto` does as the run's data, else as the checkpoint's chat template says. */
export type PromptTemplate = (typeof PROMPT_TEMPLATES)[number];

export interface SamplingParams {
  /** 0 takes the most probable token every time. */
  readonly temperature: number;
  /** 0 for all tokens. */
  readonly topK: number;
  /** 1 for all tokens. */
  readonly topP: number;
  /** 1 for none. */
  readonly repetitionPenalty: number;
  readonly seed: number;
  readonly maxNewTokens: number;
  /** Each of them ends the answer, which then ends before it. */
  readonly stopSequences: readonly string[];
}

export const DEFAULT_SAMPLING: SamplingParams = {
  temperature: 0,
  topK: 0,
  topP: 1,
  repetitionPenalty: 1,
  seed: 42,
  maxNewTokens: 256,
  stopSequences: [],
};

export interface GenerateParams extends ModelReference {
  readonly prompt: string;
  /** A message of the role "system" before the prompt; for the chat template alone. */
  readonly system?: string;
  readonly template: PromptTemplate;
  /** Sides that answer, at the same time; `tuned` is left out where the model has no adapter. */
  readonly sides: readonly ModelSide[];
  readonly sampling: SamplingParams;
  /** How many of the most probable tokens come with each token. */
  readonly alternatives: number;
}

/** One token of an answer. */
export interface AnswerToken {
  readonly side: ModelSide;
  /** Counted from 0 in this answer. */
  readonly index: number;
  /** What the token adds to the text; empty where it is only the beginning of a character. */
  readonly text: string;
  /** The token by itself, as readable as it can be. */
  readonly token: string;
  /** Natural logarithm of the probability that the model gave to this token. */
  readonly logProbability: number;
  readonly alternatives: readonly { readonly token: string; readonly logProbability: number }[];
}

export interface Answer {
  readonly side: ModelSide;
  readonly text: string;
  readonly tokenCount: number;
  /** `endToken`: the model ended it; `stopped`: a stop sequence did; `length`: it has the most tokens allowed. */
  readonly ending: 'endToken' | 'stopped' | 'length';
  /** Sum of the tokens' log-probabilities. */
  readonly logProbability: number;
  /** Time of this side's own steps, reading the prompt included. */
  readonly elapsedMs: number;
}

export interface GenerateResult {
  /** The template that was used. */
  readonly template: Exclude<PromptTemplate, 'auto'>;
  /** The text that the model was given, special tokens included. */
  readonly input: string;
  readonly inputTokens: number;
  /** In the order of the sides. */
  readonly answers: readonly Answer[];
}
