/** What the use cases take and give: the one interface that command line and server call the engine through. */
import type { CompareRequest, CompareResult } from '../protocol/comparison.ts';
import type { RunConfiguration, SelectionConfiguration } from '../protocol/configuration/configuration.ts';
import type { EvaluateParams, EvaluateResult } from '../protocol/answers/evaluation.ts';
import type { DeviceName } from '../protocol/devices.ts';
import type { RunEvent } from '../protocol/runs/events.ts';
import type { AnswerToken, GenerateParams, GenerateResult } from '../protocol/answers/generation.ts';
import type { DevicesResult, EstimateResult, JobProgress, MergeParams, MergeResult } from '../protocol/rpc.ts';

/** Told what a job does while it does it. */
export interface JobObserver {
  /** Every event of the run, after it is in the run's log. */
  readonly onEvent: (event: RunEvent) => void;
  readonly onProgress?: (progress: JobProgress) => void;
}

/**
 * A use case. Aborting ends it: training stops after the current step with a checkpoint, any other job throws
 * CancelledError and leaves nothing behind.
 */
export type Job<Request, Result> = (request: Request, observer: JobObserver, signal: AbortSignal) => Promise<Result>;

/** Told the tokens of answers as well, as they come. */
export interface GenerateObserver extends Pick<JobObserver, 'onProgress'> {
  readonly onToken: (token: AnswerToken) => void;
}

export interface TrainRequest {
  /** Ignored on resume: the run's own record counts. */
  readonly configuration: RunConfiguration;
  readonly runFolder: string;
  readonly resume: boolean;
  /** On resume: the device to go on with, where it is to be another than before. */
  readonly device?: DeviceName;
}

export interface TrainResult {
  readonly status: 'finished' | 'stopped';
  readonly runFolder: string;
  readonly adapterFolder: string;
  readonly steps: number;
  readonly finalLoss: number;
  readonly bestEvaluationLoss?: number;
  /** The step whose deltas the adapter holds, where it is not the last one. */
  readonly adapterStep?: number;
  readonly trainableParameters: number;
  /** trainableParameters / all parameters. */
  readonly trainableShare: number;
}

export interface SelectRequest {
  readonly configuration: SelectionConfiguration;
  readonly output: string;
}

export interface SelectResult {
  readonly output: string;
  readonly strategy: string;
  readonly k: number;
  readonly trainableParameters: number;
  readonly totalParameters: number;
  readonly trainableShare: number;
}

export interface MergeRequest extends MergeParams {
  /** Compare the merged model's logits with base and adapter. */
  readonly verify: boolean;
}

export interface UnmergeRequest {
  readonly merged: string;
  /** All that were merged, in their order. */
  readonly adapters: readonly string[];
  readonly output: string;
}

export interface UnmergeResult {
  readonly output: string;
  readonly restoredEntries: number;
  /** Whether the result has the base's fingerprint. */
  readonly isExact: boolean;
}

export interface ExportRequest {
  /** Adapter folder. */
  readonly adapter: string;
  /** Where the base lies, if not where the adapter says. */
  readonly base?: string;
  readonly output: string;
}

export interface ExportResult {
  readonly output: string;
  readonly modules: number;
  /** Changed entries, and zeros that the format wants beside them. */
  readonly entries: number;
  readonly padding: number;
}

export type ImportRequest = ExportRequest;
export type ImportResult = Omit<ExportResult, 'padding'>;

export interface DifferenceRequest {
  readonly base: string;
  readonly tuned: string;
  readonly output: string;
}

export interface DifferenceResult {
  readonly output: string;
  /** Parameters that differ, and those among them that are replaced as a whole. */
  readonly parameters: number;
  readonly replaced: number;
  /** Entries that the adapter holds. */
  readonly entries: number;
}

export interface DemoResult {
  readonly accuracyBefore: number;
  readonly accuracyAfter: number;
  readonly trainableParameters: number;
  readonly trainableShare: number;
  readonly mergedMaxLogitDifference: number;
  readonly runDir: string;
  readonly mergedDir: string;
  readonly generations: readonly { readonly prompt: string; readonly before: string; readonly after: string }[];
}

export interface Jobs {
  readonly train: Job<TrainRequest, TrainResult>;
  readonly select: Job<SelectRequest, SelectResult>;
  readonly merge: Job<MergeRequest, MergeResult>;
  readonly unmerge: Job<UnmergeRequest, UnmergeResult>;
  readonly estimate: Job<{ readonly configuration: RunConfiguration }, EstimateResult>;
  readonly generate: (
    request: GenerateParams,
    observer: GenerateObserver,
    signal: AbortSignal,
  ) => Promise<GenerateResult>;
  readonly evaluate: Job<EvaluateParams, EvaluateResult>;
  readonly compare: Job<CompareRequest, CompareResult>;
  readonly export: Job<ExportRequest, ExportResult>;
  readonly import: Job<ImportRequest, ImportResult>;
  readonly difference: Job<DifferenceRequest, DifferenceResult>;
  readonly devices: () => Promise<DevicesResult>;
  readonly demo: Job<Record<string, never>, DemoResult>;
}
