/** What the process of a run is asked for, and what it tells. */
import type { RunConfiguration } from '../../protocol/configuration.ts';

export type ProcessRequest =
  /** A run, new or gone on with. */
  | {
      readonly kind: 'run';
      readonly configuration: RunConfiguration;
      readonly runFolder: string;
      readonly resume: boolean;
    }
  /** The score of the base on the evaluation data. */
  | { readonly kind: 'base'; readonly configuration: RunConfiguration };

export type ProcessMessage =
  | { readonly kind: 'step'; readonly step: number; readonly totalSteps: number }
  | { readonly kind: 'done'; readonly score?: number }
  | { readonly kind: 'stopped' }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly problem: string;
      readonly fix: string;
      readonly place: Readonly<Record<string, string | number>>;
    };
