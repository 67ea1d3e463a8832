/** Comparisons of methods: what is asked for, and the numbers that come out, as `comparison.json` holds them. */
import type { RunConfiguration } from './configuration/configuration.ts';
import type { Method } from './configuration/methods.ts';

/** Version of `comparison.json`. */
export const COMPARISON_SCHEMA_VERSION = 1;

/** Names inside the folder of a comparison; runs lie in `runs`. */
export const COMPARISON_FILES = {
  numbers: 'comparison.json',
  table: 'comparison.csv',
  report: 'report.md',
  /** What was asked for, so that a comparison that was stopped can be gone on with. */
  request: 'comparison.request.json',
  runs: 'runs',
} as const;

export interface CompareParams {
  /** What every run has in common. */
  readonly configuration: RunConfiguration;
  readonly methods: readonly Method[];
  readonly seeds: readonly number[];
  /** Connections per neuron; LoRA's rank is then the one whose parameters come closest. Empty: as configured. */
  readonly ks: readonly number[];
  /** The same for single methods, in place of `ks`. */
  readonly methodKs?: Readonly<Partial<Record<Method, readonly number[]>>>;
  /** Learning rates of single methods; the configured one is for methods that select connections. */
  readonly learningRates: Readonly<Partial<Record<Method, number>>>;
  /** Folder of the comparison; one that was stopped is gone on with. */
  readonly output: string;
}

/** A new comparison, or one to go on with as it was asked for. */
export type CompareRequest =
  | CompareParams
  | {
      /** Folder of the comparison. */
      readonly resume: string;
    };

/** What a model measured, tuned or not. */
export interface ModelMeasures {
  /** By the comparison's metric. */
  readonly score: number;
  /** By name, where several tasks were asked, whose mean the score is. */
  readonly taskScores?: Readonly<Record<string, number>>;
  /** Mean over the labels of the evaluation examples, in nats. */
  readonly evaluationLoss: number;
  /** Share of evaluation examples that are answered exactly; absent where it was not measured. */
  readonly exactMatch?: number;
}

/** What one run measured, at the step whose values the adapter holds. */
export interface RunMeasures extends ModelMeasures {
  readonly seed: number;
  /** Relative to the comparison's folder, with forward slashes. */
  readonly run: string;
  readonly peakMemoryBytes: number;
  /** Median over the steps. */
  readonly stepMs: number;
  readonly adapterBytes: number;
}

/** A method with its budget. */
export interface ComparedVariant {
  /** Such as `neuroada, k = 5` or `lora, r = 2`. */
  readonly label: string;
  readonly method: Method;
  /** Connections per neuron; null where none are selected. */
  readonly k: number | null;
  /** Rank of bypasses; null where there are none. */
  readonly rank: number | null;
  readonly trainableParameters: number;
  readonly trainableShare: number;
  readonly learningRate: number;
  readonly runs: readonly RunMeasures[];
}

/** Questions that every run was asked when it was finished. */
export interface AskedQuestions {
  /** The task's name, or the data file's. */
  readonly name: string;
  readonly examples: number;
}

/** `comparison.json` */
export interface Comparison {
  readonly schemaVersion: number;
  readonly name: string;
  /** Name of the base's folder. */
  readonly base: string;
  /**
   * What `score` is: the metric of the questions, such as `accuracy`, where there were some; else what evaluation examples
   * are measured by, such as `exactMatch`, or `loss`.
   */
  readonly metric: string;
  readonly evaluationExamples: number;
  /** None where the score is that of the evaluation examples. */
  readonly questions: readonly AskedQuestions[];
  /** Whether the questions chose the step of every run as well, so that the scores flatter all of them. */
  readonly isChosenByQuestions: boolean;
  readonly totalParameters: number;
  /** The base itself; absent where it cannot be asked. */
  readonly baseMeasures?: ModelMeasures;
  readonly variants: readonly ComparedVariant[];
}

export interface CompareResult {
  readonly output: string;
  /** The Markdown file. */
  readonly report: string;
  readonly comparison: Comparison;
}
