/** What the steps of a launch need of the engine. */
import type { DevicesResult, EstimateResult, PreviewResult } from '../../../engine/protocol/rpc.ts';
import type { LaunchDraft, Preset } from '../launchDraft.ts';
import type { Step } from '../wizard.ts';

export type LaunchStep = Step<LaunchDraft>;

export interface EngineAnswers {
  devices(): Promise<DevicesResult>;
  estimate(draft: LaunchDraft): Promise<EstimateResult>;
  preview(draft: LaunchDraft, preset: Preset): Promise<PreviewResult>;
  /** Tells the user of an error, with its place where it has one. */
  showError(error: unknown): void;
}
