/** What the launch steps gather, and the configuration that it makes. */
import { basename } from 'node:path';
import type { RunConfiguration, RunConfigurationInput } from '../../engine/protocol/configuration/configuration.ts';
import type { TextTaskName } from '../../engine/protocol/answers/textTasks.ts';

export type Template = RunConfiguration['data']['template'];
export type DeviceSetting = RunConfiguration['engine']['device'];

/** How many connections are trained: per neuron, or as a share of all parameters. */
export type Budget = { readonly k: number } | { readonly trainableShare: number };

/** How a record is read: by a template for prompts, or as a task of GLUE. */
export interface Preset {
  readonly template: Template;
  readonly task: TextTaskName | undefined;
}

export interface LaunchDraft extends Preset {
  /** Absolute path of the checkpoint's folder. */
  readonly base: string;
  /** Absolute path. */
  readonly data: string;
  /** Development set of the task, absolute; undefined where a part of the training data is held out. */
  readonly evaluation: string | undefined;
  readonly budget: Budget;
  readonly epochs: number;
  readonly device: DeviceSetting;
  readonly threads: number | 'auto';
}

/** Held out from the training data, so that the curve shows what the model does on unseen examples. */
const EVALUATION_SHARE = 0.05;

export function draftConfiguration(draft: LaunchDraft): RunConfigurationInput {
  const { data: train, template, task, evaluation = { share: EVALUATION_SHARE } } = draft;
  return {
    name: runName(draft.base, train),
    base: draft.base,
    data: { train, template, evaluation, ...(task === undefined ? {} : { task }) },
    selection: draft.budget,
    training: { epochs: draft.epochs },
    engine: { device: draft.device, threads: draft.threads },
  };
}

/** For a run that goes elsewhere: everything but the folder. */
export function withoutOutput(configuration: RunConfiguration): RunConfiguration {
  const copy = { ...configuration };
  delete copy.output;
  return copy;
}

/** Every default filled in. */
export async function completeConfiguration(input: RunConfigurationInput): Promise<RunConfiguration> {
  const { runConfigurationSchema } = await import('../../engine/protocol/configuration/configuration.ts');
  return runConfigurationSchema.parse(input);
}

/** Such as `SmolLM2-135M on maths`. */
export function runName(base: string, data: string): string {
  return `${basename(base)} on ${basename(data).replace(/\.\w+$/, '')}`.slice(0, 100);
}
