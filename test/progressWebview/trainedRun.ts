/** Runs that the engine really trained, and their logs written anew as if they trained while the test looks on. */
import { appendFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfiguration } from '../../engine/configuration/configurationFile.ts';
import { trainJob } from '../../engine/jobs/training/train.ts';
import { hostname } from 'node:os';
import { formatEventLine } from '../../engine/protocol/runs/eventLine.ts';
import type { RunStatus } from '../../engine/protocol/runs/events.ts';
import { RUN_FILES, type RunProcess } from '../../engine/protocol/runs/runFolder.ts';
import { eventLines } from './eventLines.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');
const SAMPLE = join(REPOSITORY, 'media', 'sample', 'support.neuroada.json');

/** Trains on the embedded sample for a few seconds. */
export async function trainSample(
  runFolder: string,
  name: string,
  fields: Readonly<Record<string, string | number>>,
): Promise<void> {
  const all = { name, 'training.evaluateEvery': 8, 'engine.threads': 1, ...fields };
  const overrides = Object.entries(all).map(([field, value]) => ({ field, value, flag: `--set ${field}` }));
  const configuration = await loadConfiguration({ file: SAMPLE, overrides, folder: REPOSITORY });
  await trainJob(
    { configuration, runFolder, resume: false },
    { onEvent: () => undefined },
    new AbortController().signal,
  );
}

/** A run folder whose log grows when told, with the lines of a log that the engine wrote. */
export class ReplayedRun {
  readonly folder: string;
  readonly #lines: readonly string[];
  #written = 0;

  private constructor(folder: string, lines: readonly string[]) {
    this.folder = folder;
    this.#lines = lines;
  }

  static async of(recorded: string, folder: string): Promise<ReplayedRun> {
    await mkdir(folder, { recursive: true });
    await cp(join(recorded, 'run.json'), join(folder, 'run.json'));
    await writeFile(join(folder, 'events.jsonl'), '');
    const text = await readFile(join(recorded, 'events.jsonl'), 'utf8');
    return new ReplayedRun(folder, text.split(/(?<=\n)/));
  }

  /** Writes the log until the step's own line and what follows it before the next step. */
  async advance(step: number): Promise<void> {
    const next = this.#lines.findIndex((line, index) => index >= this.#written && stepOf(line) > step);
    await this.#write(next < 0 ? this.#lines.length : next);
  }

  /** Writes the log until the run has this status. */
  async begin(status: RunStatus): Promise<void> {
    const line = this.#lines.findIndex((text) =>
      eventLines(text).some((event) => 'status' in event && event.status === status),
    );
    await this.#write(line + 1);
  }

  /** Writes the log to its end. */
  finish(): Promise<void> {
    return this.#write(this.#lines.length);
  }

  /** Lets this process drive the run, as far as anyone can see. */
  async claim(): Promise<void> {
    const driver: RunProcess = { pid: process.pid, host: hostname(), startedTime: Date.now() };
    await writeFile(join(this.folder, RUN_FILES.process), JSON.stringify(driver));
  }

  /** Ends the run as the engine does when it meets an error. */
  async fail(reason: string): Promise<void> {
    const event = formatEventLine({
      type: 'status',
      time: Date.now(),
      status: 'failed',
      code: 'training/diverged',
      reason,
    });
    await appendFile(join(this.folder, 'events.jsonl'), event);
  }

  async #write(end: number): Promise<void> {
    await appendFile(join(this.folder, 'events.jsonl'), this.#lines.slice(this.#written, end).join(''));
    this.#written = end;
  }
}

function stepOf(line: string): number {
  const [event] = eventLines(line);
  return event?.type === 'step' ? event.step : 0;
}
