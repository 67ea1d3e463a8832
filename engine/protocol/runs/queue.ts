/**
 * The queue of runs: files in one folder per user, so that it outlives every window. An entry is a file whose name tells
 * its place in the order; a device claim is a file that the one run training on that device holds. The process of a run
 * takes the claim itself; when it ends it starts the next run, and every window that opens does the same.
 */
import type { RunConfiguration } from '../configuration/configuration.ts';

/** Version of the files of the queue and of a run's request. */
export const QUEUE_SCHEMA_VERSION = 1;

/** `request.json` of a run folder: what the run's process is asked to train. */
export interface RunRequest {
  readonly schemaVersion: number;
  readonly name: string;
  readonly createdTime: number;
  /** Every default filled in; paths absolute. */
  readonly configuration: RunConfiguration;
}

/** A file of the queue folder: a run that waits. */
export interface QueueEntry {
  readonly schemaVersion: number;
  readonly runFolder: string;
  /** The device that it waits for; `auto` is settled before. */
  readonly device: string;
  readonly resume: boolean;
  readonly queuedTime: number;
}

/** `control.json` of a run folder, readable by its user alone: where its live process listens. */
export interface RunControl {
  readonly address: string;
  readonly token: string;
  readonly pid: number;
}

/** A device claim: the process that trains on the device. Held while something listens at the address. */
export interface DeviceClaim {
  readonly runFolder: string;
  readonly pid: number;
  readonly address: string;
}

const ENTRY_NAME = /^(\d{17})-([\w-]+)\.json$/;

/** File name of an entry; the order is a whole number of at most 17 digits. */
export function queueEntryName(order: number, id: string): string {
  return `${String(order).padStart(17, '0')}-${id}.json`;
}

/** The place and id that a file name of the queue folder tells; undefined for other files. */
export function parseQueueEntryName(name: string): { readonly order: number; readonly id: string } | undefined {
  const match = ENTRY_NAME.exec(name);
  return match === null ? undefined : { order: Number(match[1]), id: match[2]! };
}

/** File name of the claim on a device. */
export function deviceClaimName(device: string): string {
  return `device-${device}.json`;
}
