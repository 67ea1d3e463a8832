/**
 * The control channel: JSON-RPC over a private socket or named pipe between an engine process and whoever commands it.
 * A *run* process trains one run and outlives its clients; a *jobs* process serves its one owner and ends with it.
 * The event log stays the truth of a run: the channel carries commands and hints, never facts that the log lacks.
 */
import type { CompareRequest, CompareResult } from './comparison.ts';
import type { RunConfiguration } from './configuration/configuration.ts';
import type { ConfigurationProblem } from './configuration/configurationProblem.ts';
import type { CudaStatus, InstallCudaParams, InstallCudaResult, RemoveCudaResult } from './cuda.ts';
import type { DeviceReport } from './devices.ts';
import type { EvaluateParams, EvaluateResult } from './answers/evaluation.ts';
import type { RunEvent } from './runs/events.ts';
import type { AnswerToken, GenerateParams, GenerateResult } from './answers/generation.ts';
import type { InspectionMethod, InspectionRequests } from './connections/inspection.ts';

/** Raised when an older peer would misread a message; both sides refuse another version. */
export const RPC_PROTOCOL_VERSION = 1;

/** Error code of a request that ended because its client cancelled it. */
export const RPC_REQUEST_CANCELLED = -32800;

/** How the engine process is told what to be: its first argument. */
export const ENGINE_ROLES = ['run', 'jobs'] as const;

export type EngineRole = (typeof ENGINE_ROLES)[number];

/** The first line that a jobs process writes to its standard output. */
export interface JobsAddress {
  readonly address: string;
  readonly token: string;
}

/** Exit codes of a run process that are not about the run itself. */
export const RUN_EXIT_CODES = {
  /** The run ended as its log says. */
  ended: 0,
  /** Another run holds the device: this one stays in the queue. */
  deviceBusy: 75,
} as const;

/** First message of every client; anything else before it closes the connection. */
export interface HelloParams {
  readonly protocolVersion: number;
  readonly token: string;
}

export interface HelloResult {
  readonly protocolVersion: number;
  readonly role: EngineRole;
  readonly pid: number;
  /** The phase that a run process is in, since only changes are announced. */
  readonly progress?: JobProgress;
}

/** How far a phase has come; `total` is 0 where it is unknown. */
export interface JobProgress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  /** The token that has just come, while `generate` answers: every one is told, in its order. */
  readonly token?: AnswerToken;
}

/** Peak of memory by part, in bytes. */
export interface MemoryParts {
  readonly weights: number;
  readonly activations: number;
  readonly head: number;
  /** What is trained, with gradients and optimizer state. */
  readonly deltas: number;
  /** The process itself. */
  readonly overhead: number;
}

/** Settings near those of a run that need less memory. */
export interface EstimateAlternative {
  /** Values by the configuration's fields. */
  readonly settings: Readonly<Record<string, string | number>>;
  readonly peakMemoryBytes: number;
  readonly stepMs: number;
}

export interface EstimateResult {
  readonly trainableParameters: number;
  readonly totalParameters: number;
  readonly trainableShare: number;
  readonly k: number;
  readonly peakMemoryBytes: number;
  readonly availableMemoryBytes: number;
  readonly device: string;
  readonly plan: string;
  readonly totalSteps: number;
  readonly stepMs: number;
  readonly totalMs: number;
  readonly fits: boolean;
  readonly reasons: readonly string[];
  readonly memory: MemoryParts;
  readonly microBatchSize: number;
  readonly alternatives: readonly EstimateAlternative[];
}

export interface DevicesResult {
  readonly devices: readonly DeviceReport[];
  /** The device that `auto` stands for. */
  readonly recommended: string;
}

/** The first examples of a data file as the model will see them. */
export interface PreviewResult {
  readonly format: string;
  readonly shape: string;
  /** How a record becomes a prompt; of labelled texts the fields of texts and label. */
  readonly template: string;
  /** Of labelled texts, for an encoder: the classes; empty where a number is predicted. */
  readonly labels?: readonly string[];
  readonly examples: readonly PreviewExample[];
}

export interface PreviewExample {
  /** Alternating parts of the rendered text; the loss counts the tokens of the trained ones. */
  readonly parts: readonly { readonly text: string; readonly isTrained: boolean }[];
  readonly tokens: number;
  readonly trainedTokens: number;
}

/** Something wrong in the user's files, told with its place. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly problem: string;
  readonly fix: string;
  readonly place: ErrorPlaceData;
}

export interface ErrorPlaceData {
  readonly file?: string;
  readonly line?: number;
  readonly field?: string;
  readonly tensor?: string;
}

export interface MergeParams {
  /** Adapter folders, run folders or adapter files, merged in this order. */
  readonly adapters: readonly string[];
  /** The base checkpoint's folder, where it is not where the adapter says. */
  readonly base?: string;
  readonly output: string;
  readonly dtype: 'base' | 'F32';
  readonly allowOtherBase: boolean;
}

export interface MergeResult {
  readonly output: string;
  readonly changedEntries: number;
  readonly lostDeltas: number;
  /** Largest absolute difference to base with adapters; absent where the result was not verified. */
  readonly maxLogitDifference?: number;
}

/** Parameters of every job: under this token the jobs process reports `JobProgress` as JSON-RPC progress. */
export interface JobParams {
  readonly progressToken: number;
}

/** Questions about connections, as jobs. */
type InspectionJobs = {
  [M in InspectionMethod]: {
    params: JobParams & InspectionRequests[M]['params'];
    result: InspectionRequests[M]['result'];
  };
};

/** Requests to a jobs process. Cancelling one leaves nothing of it behind, where it does not say otherwise. */
export interface JobRequests extends InspectionJobs {
  devices: { params: JobParams; result: DevicesResult };
  cudaStatus: { params: JobParams; result: CudaStatus };
  /** Cancelled, it keeps what was downloaded. A process that computed before goes on with the runtime that it has. */
  installCuda: { params: JobParams & InstallCudaParams; result: InstallCudaResult };
  removeCuda: { params: JobParams; result: RemoveCudaResult };
  estimate: { params: JobParams & { readonly configuration: RunConfiguration }; result: EstimateResult };
  preview: {
    params: JobParams & { readonly configuration: RunConfiguration; readonly examples: number };
    result: PreviewResult;
  };
  /** Reads the checkpoint's headers and every record of the data. */
  check: {
    params: JobParams & { readonly configuration: RunConfiguration };
    result: { readonly problems: readonly Problem[] };
  };
  /** Checks the text of a configuration file, perhaps not saved; paths become absolute. */
  readConfiguration: {
    params: JobParams & { readonly text: string; readonly file: string };
    result: { readonly configuration?: RunConfiguration; readonly problems: readonly ConfigurationProblem[] };
  };
  merge: { params: JobParams & MergeParams; result: MergeResult };
  /** Trains methods side by side; what was trained is kept where it is cancelled. */
  compare: { params: JobParams & CompareRequest; result: CompareResult };
  /** Answers a prompt; the process keeps the model for the next prompt. */
  generate: { params: JobParams & GenerateParams; result: GenerateResult };
  /** Evaluates a model; what came out so far is kept where it is cancelled. */
  evaluate: { params: JobParams & EvaluateParams; result: EvaluateResult };
}

export type JobMethod = keyof JobRequests;

/** Requests of clients: method name to parameters and result. */
export interface RpcRequests extends JobRequests {
  hello: { params: HelloParams; result: HelloResult };
  /** To a run process: save and stop; answered at once, the log tells the end. */
  stop: { params: Record<string, never>; result: Record<string, never> };
}

export type RpcMethod = keyof RpcRequests;

/** Notifications of the engine: method name to parameters. */
export interface RpcNotifications {
  /** A line was appended to the event log of the run: a hint to read on, where file watching is slow or missing. */
  appended: { type: RunEvent['type'] };
  /** A run process is in this phase, such as loading the checkpoint. */
  progress: JobProgress;
}

/**
 * A failed request's `data`. `expected`: the user can act on it; `bug`: anything else, with its stack; a cancelled
 * request fails with `RPC_REQUEST_CANCELLED`.
 */
export type RpcErrorData =
  | {
      readonly kind: 'expected';
      readonly code: string;
      readonly problem: string;
      readonly fix: string;
      readonly place: ErrorPlaceData;
    }
  | { readonly kind: 'bug'; readonly stack: string };
