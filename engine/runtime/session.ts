/** What a session of the runtime offers and how it is set up, without tying anyone to the runtime itself. */
import type { DeviceName } from '../protocol/devices.ts';
import type { HostTensor, RuntimeTensor } from './tensor.ts';

export interface RuntimeOptions {
  /** Name of the session in errors and logs. */
  readonly name: string;
  readonly device: DeviceName;
  /** Threads that share the work of one operator. */
  readonly threads: number;
  /**
   * Whether idle threads spin before they sleep: faster where one session runs at a time, slower where several sessions
   * (or programs) share the cores. Off by default.
   */
  readonly allowSpinning?: boolean;
  /** How far the graph is rewritten before it runs; everything by default. */
  readonly optimizationLevel?: 'disabled' | 'basic' | 'extended' | 'all';
  /** Rewrites to leave out, by the runtime's names, such as `ConstantFolding`. */
  readonly disabledOptimizers?: readonly string[];
  /** Folder that the files of external tensors are relative to. */
  readonly externalDataFolder?: string;
  /** Outputs that stay in the device's memory. */
  readonly deviceOutputs?: 'all' | readonly string[];
  /** Fails the creation where an operator of the graph would be computed by the CPU instead of the device. */
  readonly forbidsCpuFallback?: boolean;
  /** Start of the path of a profile, which is completed by a time stamp and written when the session is released. */
  readonly profilePath?: string;
}

/** Outputs to compute: by name, or with the tensor that each is written into (null: a new one). */
export type Fetches = readonly string[] | Readonly<Record<string, HostTensor | null>>;

export interface Session {
  readonly name: string;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Computes outputs (all of them where no fetches are given). The event loop is blocked meanwhile.
   * @returns outputs by name; those with a tensor of their own in `fetches` are that tensor
   */
  run(feeds: Readonly<Record<string, RuntimeTensor>>, fetches?: Fetches): Promise<Record<string, RuntimeTensor>>;
  release(): Promise<void>;
}
