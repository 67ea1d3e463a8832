/**
 * Evaluations: what is asked for, and what a run keeps of each in `evaluations/NAME/`. `evaluation.json` says what is
 * evaluated, `answers.jsonl` holds one line for each answer in the order in which they came (append-only, so that an
 * evaluation can go on where it was stopped), and `summary.json` comes last.
 */
import type { ModelReference, ModelSide } from './generation.ts';

/** Version of the files of an evaluation. */
export const EVALUATION_SCHEMA_VERSION = 1;

export const EVALUATION_FILES = {
  record: 'evaluation.json',
  answers: 'answers.jsonl',
  summary: 'summary.json',
} as const;

/**
 * How answers to a data file of one's own are scored. `exact`: the answer as it is expected, white space around it aside;
 * `contains`: the expected text occurs in it; `regex`: the expected text is a pattern that matches somewhere in it;
 * `number`: its last number is the expected one; `choice`: it names the expected one of the answers that occur in the
 * data; `perplexity`: no answer is asked for, but how probable the expected one is.
 */
export const SCORINGS = ['exact', 'contains', 'regex', 'number', 'choice', 'perplexity'] as const;

export type Scoring = (typeof SCORINGS)[number];

/** Whether answers are generated, or the most probable of the possible ones is taken. */
export const ANSWER_METHODS = ['generate', 'likelihood'] as const;

export type AnswerMethod = (typeof ANSWER_METHODS)[number];

/** Published tasks in the form of LLM-Adapters: a folder holds a test file for each. */
export const TASK_FAMILIES = ['commonsense', 'arithmetic'] as const;

export type TaskFamily = (typeof TASK_FAMILIES)[number];

export interface EvaluateParams extends ModelReference {
  /** Names of tasks or of families (`commonsense`, `arithmetic`), whose test files lie in the folder `data`; or none. */
  readonly tasks: readonly string[];
  /** The folder of the tasks' files, or a data file of one's own. */
  readonly data: string;
  /** For a data file of one's own. */
  readonly scoring: Scoring;
  readonly method: AnswerMethod;
  /** Only the first so many examples. */
  readonly limit?: number;
  /** Longest answer in tokens; default: what the task asks for. */
  readonly maxNewTokens?: number;
  /** Answers that are generated side by side. */
  readonly rowCount: number;
  /** Also without the adapter. */
  readonly includesBase: boolean;
  /** Where the same evaluation is there and finished, it is taken as it is. Default: another one is made beside it. */
  readonly isReused?: boolean;
  /** Name of the evaluation; default: that of the task or data file. */
  readonly name?: string;
  /** Folder that holds evaluations; default: `evaluations` of the run, which a model that is no run does not have. */
  readonly output?: string;
}

/** A range that holds the true value with a probability of 95 %. */
export interface ConfidenceInterval {
  readonly low: number;
  readonly high: number;
  /** `wilson`: Wilson's score interval of a share; `bootstrap`: percentiles over resampled examples. */
  readonly method: 'wilson' | 'bootstrap';
}

export interface Score {
  readonly value: number;
  readonly interval: ConfidenceInterval;
}

/** Metrics of which less is better. */
const LESS_IS_BETTER: readonly string[] = ['loss', 'perplexity'];

export function isLessBetter(metric: string): boolean {
  return LESS_IS_BETTER.includes(metric);
}

/** What one side of the model scored. */
export interface SideScores {
  readonly examples: number;
  /** Examples in which no answer was found; they count as wrong. */
  readonly withoutAnswer: number;
  /** By metric: `accuracy`, `macroF1`, `matthews`, `pearson`, `spearman`, `perplexity`. */
  readonly scores: Readonly<Record<string, Score>>;
}

/** `summary.json` */
export interface EvaluationSummary {
  readonly schemaVersion: number;
  readonly name: string;
  /** The task's name, or the data file's. */
  readonly task: string;
  readonly scoring: string;
  readonly method: AnswerMethod;
  /** The metric that tells most. */
  readonly metric: string;
  readonly examples: number;
  readonly sides: Readonly<Partial<Record<ModelSide, SideScores>>>;
  /** Examples that the base got wrong and the tuned model right, and the other way round; where both were asked. */
  readonly gained?: number;
  readonly lost?: number;
  readonly elapsedMs: number;
}

/** A line of `answers.jsonl`. */
export interface AnswerRecord {
  readonly side: ModelSide;
  /** Number of the example in the data, from 0. */
  readonly index: number;
  readonly question: string;
  readonly expected: string;
  /** What the model wrote; empty where nothing was generated. */
  readonly text: string;
  /** The answer found in it; null where there is none. */
  readonly got: string | null;
  readonly isRight: boolean;
  /** Log-probability of the expected answer (perplexity) or of the chosen one (likelihood), and its tokens. */
  readonly logProbability?: number;
  readonly tokenCount?: number;
}

export interface EvaluateResult {
  readonly evaluations: readonly { readonly folder: string; readonly summary: EvaluationSummary }[];
  /** Tasks of a family that were left out, since their file is not there. */
  readonly missing: readonly string[];
}
