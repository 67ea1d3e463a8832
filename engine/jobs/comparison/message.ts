/** What the process of a run is asked for, and what it tells. */
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import type { EvaluateParams, EvaluateResult } from '../../protocol/answers/evaluation.ts';
import type { EvaluationMeasures } from '../../training/evaluation.ts';

export type ProcessRequest =
  /** A run, new or gone on with. */
  | {
      readonly kind: 'run';
      readonly configuration: RunConfiguration;
      readonly runFolder: string;
      readonly resume: boolean;
    }
  /** What the base measures on the evaluation data. */
  | { readonly kind: 'base'; readonly configuration: RunConfiguration }
  /** Questions that a finished run is asked. */
  | { readonly kind: 'questions'; readonly params: EvaluateParams };

/** What comes of each request. */
export interface ProcessResults {
  readonly run: null;
  readonly base: EvaluationMeasures;
  readonly questions: EvaluateResult;
}

export type ProcessMessage =
  /** How far it has come, of `total`, which is 0 where it is unknown. */
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'done'; readonly result: ProcessResults[ProcessRequest['kind']] }
  | { readonly kind: 'stopped' }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly problem: string;
      readonly fix: string;
      readonly place: Readonly<Record<string, string | number>>;
    };
