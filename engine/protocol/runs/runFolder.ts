/**
 * The run folder: names of its parts and the shape of `run.json`. The folder is the whole truth of a run; whoever can
 * read it (the CLI, the extension, another machine) sees the same run.
 */
import type { RunConfiguration } from '../configuration/configuration.ts';

/** Version of the folder's layout and of `run.json`. */
export const RUN_SCHEMA_VERSION = 1;

/** Names inside a run folder. */
export const RUN_FILES = {
  record: 'run.json',
  events: 'events.jsonl',
  process: 'process.json',
  lock: 'lock',
  request: 'request.json',
  control: 'control.json',
  log: 'engine.log',
  selection: 'selection.safetensors',
  selectionStatistics: 'selection.json',
  labels: 'labels.json',
  checkpoints: 'checkpoints',
  adapter: 'adapter',
  evaluations: 'evaluations',
  tensorboard: 'tensorboard',
} as const;

/** Names inside an adapter folder: PEFT's own, and the classifier of an encoder. */
export const ADAPTER_FILES = {
  model: 'adapter_model.safetensors',
  config: 'adapter_config.json',
  head: 'classifier.safetensors',
} as const;

/** Identity of a checkpoint or data set that does not depend on where it lies. */
export interface Fingerprint {
  readonly algorithm: string;
  readonly value: string;
}

/** `run.json`: written once when the run is created, never changed. */
export interface RunRecord {
  readonly schemaVersion: number;
  readonly id: string;
  readonly name: string;
  readonly createdTime: number;
  readonly productVersion: string;
  /** Every default filled in; paths absolute. What `auto` became is told by the event `plan`. */
  readonly configuration: RunConfiguration;
  readonly base: { readonly path: string; readonly modelType: string; readonly fingerprint: Fingerprint };
  readonly data: readonly { readonly path: string; readonly fingerprint: Fingerprint }[];
}

/** `process.json`: the live engine process of the run; removed when it ends in an orderly way. */
export interface RunProcess {
  readonly pid: number;
  /** Name of the machine that the process runs on; elsewhere its pid means nothing. */
  readonly host: string;
  /** When the process took the run, in milliseconds since the epoch. */
  readonly startedTime: number;
  /** On Linux: boot id and start tick, which tell the process from a later one with the same pid. */
  readonly identity?: string;
  /** Where the engine listens for commands, if it does: a socket path or named pipe. */
  readonly address?: string;
}

/** Folder names of checkpoints: `step-000100`, so that names sort as steps do. */
export function checkpointName(step: number): string {
  return `step-${String(step).padStart(6, '0')}`;
}
