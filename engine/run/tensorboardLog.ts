/**
 * TensorBoard's view of a run: an event file for each session, so that a resumed run takes back the steps that it
 * trains anew.
 */
import { closeSync, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { explainSystemError } from '../files/systemError.ts';
import type { RunEvent } from '../protocol/runs/events.ts';
import { encodeFileVersion, encodeScalars, encodeSessionStart, scalarsOf } from './tensorboardEvent.ts';
import { encodeTfRecord } from './tfRecord.ts';

const FILE_NAME = /^events\.out\.tfevents\.(\d{10})\./;

/** Writes the points that events add to curves. The first of them opens the session's file. */
export class TensorboardLog {
  readonly #folder: string;
  #descriptor: number | undefined;
  #firstStep = 1;

  constructor(folder: string) {
    this.#folder = folder;
  }

  record(event: RunEvent): void {
    try {
      if (event.type === 'resumed') this.#startOver(event.step + 1);
      const point = scalarsOf(event);
      if (point === undefined) return;
      this.#descriptor ??= this.#openFile(event.time);
      this.#write(encodeScalars(event.time, point.step, point.scalars));
    } catch (error) {
      throw explainSystemError(error, this.#folder);
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #startOver(firstStep: number): void {
    this.close();
    this.#firstStep = firstStep;
  }

  /** TensorBoard reads the files of a folder by name, so a later session's file must sort behind. */
  #openFile(time: number): number {
    mkdirSync(this.#folder, { recursive: true });
    const seconds = readdirSync(this.#folder).map((name) => Number(FILE_NAME.exec(name)?.[1] ?? 0));
    const second = Math.max(Math.floor(time / 1000), ...seconds.map((earlier) => earlier + 1));
    const stamp = String(second).padStart(10, '0');
    const name = `events.out.tfevents.${stamp}.${hostname()}.${String(process.pid)}.neuroada`;
    this.#descriptor = openSync(join(this.#folder, name), 'ax');
    this.#write(encodeFileVersion(time));
    this.#write(encodeSessionStart(time, this.#firstStep));
    return this.#descriptor;
  }

  #write(message: Uint8Array): void {
    const record = encodeTfRecord(message);
    let written = 0;
    while (written < record.byteLength) written += writeSync(this.#descriptor!, record, written);
  }
}
