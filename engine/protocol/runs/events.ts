/**
 * The event log of a run: the lines of `events.jsonl`. The log is the truth that every view replays and follows; lines
 * are appended, never changed. Times are milliseconds since the epoch, memory is bytes, losses are nats per token.
 */

/**
 * Version of the event lines; raised when a reader of the old version would misread a new line. Readers skip event
 * types that they do not know.
 */
export const EVENT_SCHEMA_VERSION = 1;

/** The log's first line. */
export interface EventLogHeader {
  readonly type: 'log';
  readonly schemaVersion: number;
  readonly time: number;
}

export type RunStatus = 'preparing' | 'selecting' | 'training' | 'finished' | 'stopped' | 'failed';

/** Statuses after which no further event comes unless the run is resumed. */
export const FINAL_STATUSES: readonly RunStatus[] = ['finished', 'stopped', 'failed'];

interface EventBase {
  readonly time: number;
}

export interface StatusEvent extends EventBase {
  readonly type: 'status';
  readonly status: RunStatus;
  /** Why, where that is not plain: who stopped it, or what failed. */
  readonly reason?: string;
  /** On `failed`: the error's code, or `bug`. */
  readonly code?: string;
}

export interface SelectionEvent extends EventBase {
  readonly type: 'selection';
  /** How connections were selected, or the method where none are. */
  readonly strategy: string;
  /** Connections per neuron; 0 where none are selected. */
  readonly k: number;
  readonly trainableParameters: number;
  readonly totalParameters: number;
  /** trainableParameters / totalParameters. */
  readonly trainableShare: number;
}

export interface PlanEvent extends EventBase {
  readonly type: 'plan';
  readonly device: string;
  readonly plan: 'layered' | 'wholeGraph';
  readonly savedActivations: string;
  /** Where the weights lie: float32, 16bit or streamed. Absent in logs of versions that knew float32 alone. */
  readonly weights?: string;
  /** What matrices and their products are computed in: float32 or float16. Absent in logs of versions that knew float32 alone. */
  readonly precision?: string;
  readonly threads: number;
  readonly microBatchSize: number;
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  readonly trainExamples: number;
  readonly evaluationExamples: number;
  readonly learningRate: number;
  readonly predictedPeakBytes: number;
  /** In words: why this device and plan, and why not a better one. */
  readonly reasons: readonly string[];
}

/** One optimizer step, numbered from 1. */
export interface StepEvent extends EventBase {
  readonly type: 'step';
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly learningRate: number;
  readonly gradNorm: number;
  /** Input tokens of the step without padding, and those that carried a label. */
  readonly tokens: number;
  readonly labelTokens: number;
  readonly stepMs: number;
  readonly tokensPerSecond: number;
  readonly etaMs: number;
  readonly memoryBytes: number;
}

export interface EvaluationEvent extends EventBase {
  readonly type: 'evaluation';
  readonly step: number;
  readonly loss: number;
  readonly examples: number;
  /** Whether it is the best so far, by what `training.selectBest` goes by: the loss unless it says otherwise. */
  readonly isBest: boolean;
  /** Further measures by name, such as accuracy. */
  readonly scores?: Readonly<Record<string, number>>;
  /** The score that the best is chosen by; by `exactMatch`, or else by the loss, where absent. */
  readonly chosenBy?: string;
  /** Folders of the answers to questions that were asked, relative to the run folder, with forward slashes. */
  readonly answers?: readonly string[];
}

export interface CheckpointEvent extends EventBase {
  readonly type: 'checkpoint';
  readonly step: number;
  /** Path relative to the run folder, with forward slashes. */
  readonly path: string;
}

/**
 * The run goes on from a checkpoint: the events of later steps (step, evaluation, checkpoint) and the result that were
 * written before this line are void. `step` is 0 where the run starts over.
 */
export interface ResumedEvent extends EventBase {
  readonly type: 'resumed';
  readonly step: number;
}

export interface MessageEvent extends EventBase {
  readonly type: 'message';
  readonly level: 'info' | 'warning' | 'error';
  readonly code?: string;
  readonly text: string;
}

/** The run's outcome; written once, before the final status. */
export interface ResultEvent extends EventBase {
  readonly type: 'result';
  readonly adapter: string;
  readonly steps: number;
  readonly finalLoss: number;
  readonly bestEvaluationLoss?: number;
  /** The step whose deltas the adapter holds, where it is not the last one. */
  readonly adapterStep?: number;
  readonly peakMemoryBytes: number;
}

/** The adapter of this run was merged into a checkpoint. */
export interface MergedEvent extends EventBase {
  readonly type: 'merged';
  readonly output: string;
  readonly maxLogitDifference: number;
  readonly lostDeltas: number;
}

/** The run's model was evaluated; what came out in full is in the run folder at `path`. */
export interface EvaluatedEvent extends EventBase {
  readonly type: 'evaluated';
  readonly name: string;
  /** Path relative to the run folder, with forward slashes. */
  readonly path: string;
  /** The task's name, or the data file's. */
  readonly task: string;
  /** The training checkpoint that was evaluated, by its step; absent where it was the adapter. */
  readonly step?: number;
  /** Such as `accuracy`, and its value for the tuned model with a 95 % confidence interval. */
  readonly metric: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** The same metric of the base, where it was asked, too. */
  readonly baseValue?: number;
  readonly examples: number;
}

export type RunEvent =
  | StatusEvent
  | SelectionEvent
  | PlanEvent
  | StepEvent
  | EvaluationEvent
  | CheckpointEvent
  | ResumedEvent
  | MessageEvent
  | ResultEvent
  | MergedEvent
  | EvaluatedEvent;

/** An event before the log stamps its time. */
export type NewRunEvent = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, 'time'> : never) : never;
