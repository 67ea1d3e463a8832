/** Reads the event log as a stream of complete lines, so that it may still be growing and may end in a torn line. */
import { open, type FileHandle } from 'node:fs/promises';
import { ExpectedError } from '../errors/expected.ts';
import { explainingErrors } from '../files/systemError.ts';
import { EventLineError, parseEventLine } from '../protocol/runs/eventLine.ts';
import type { EventLogHeader, RunEvent } from '../protocol/runs/events.ts';
import { extendHistory } from '../protocol/runs/replay.ts';
import { applyRunEvent, EMPTY_RUN_SUMMARY, type RunSummary } from '../protocol/runs/runSummary.ts';

const BLOCK_BYTES = 256 * 1024;
const LINE_LIMIT_BYTES = 16 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * The run's history from its log: the events that still count, in order. Events that a later resume made void are left
 * out, and so is a torn last line.
 * @throws ExpectedError `run/newerEventLog`, `run/damagedEventLog`
 */
export async function replayEvents(path: string): Promise<RunEvent[]> {
  const history: RunEvent[] = [];
  for await (const event of new EventReader(path).readNew()) extendHistory(history, event);
  return history;
}

/**
 * The run's summary from its log, in memory that does not grow with the run.
 * @throws ExpectedError `run/newerEventLog`, `run/damagedEventLog`
 */
export async function summarizeEvents(path: string): Promise<RunSummary> {
  let summary = EMPTY_RUN_SUMMARY;
  for await (const event of new EventReader(path).readNew()) summary = applyRunEvent(summary, event);
  return summary;
}

/** A place in a log that moves on with what is read. */
export class EventReader {
  readonly #path: string;
  /** Bytes of complete lines read so far. */
  #position = 0;
  #line = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Yields the events of the lines completed since the last call.
   * @throws ExpectedError `run/newerEventLog`, `run/damagedEventLog`, `run/replacedEventLog`, `files/ENOENT`
   */
  async *readNew(): AsyncGenerator<RunEvent> {
    const handle = await explainingErrors(this.#path, () => open(this.#path, 'r'));
    try {
      await this.#checkSize(handle);
      for await (const line of this.#completeLines(handle)) {
        const event = this.#parse(line);
        if (event !== undefined && event.type !== 'log') yield event;
      }
    } finally {
      await handle.close();
    }
  }

  async #checkSize(handle: FileHandle): Promise<void> {
    const { size } = await handle.stat();
    if (size >= this.#position) return;
    throw new ExpectedError(
      'run/replacedEventLog',
      `the event log has ${String(size)} bytes, but ${String(this.#position)} were read before`,
      'The log was replaced while it was followed: open the run again.',
      { file: this.#path },
    );
  }

  async *#completeLines(handle: FileHandle): AsyncGenerator<string> {
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const block = Buffer.allocUnsafe(BLOCK_BYTES);
      const { bytesRead } = await handle.read(block, 0, BLOCK_BYTES, this.#position + rest.byteLength);
      if (bytesRead === 0) return;
      rest = Buffer.concat([rest, block.subarray(0, bytesRead)]);
      let start = 0;
      for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE, start)) {
        const line = rest.toString('utf8', start, end);
        this.#position += end + 1 - start;
        this.#line += 1;
        start = end + 1;
        yield line;
      }
      rest = rest.subarray(start);
      if (rest.byteLength > LINE_LIMIT_BYTES)
        throw this.#damaged(`a line longer than ${String(LINE_LIMIT_BYTES)} bytes`);
    }
  }

  #parse(line: string): RunEvent | EventLogHeader | undefined {
    try {
      const event = parseEventLine(line);
      if (this.#line === 1 && event?.type !== 'log') {
        throw new EventLineError('damaged', 'expected the header {"type":"log",…} in the first line');
      }
      return event;
    } catch (error) {
      if (!(error instanceof EventLineError)) throw error;
      if (error.kind === 'damaged') throw this.#damaged(error.message, error);
      const fix = 'Update NeuroAda to open this run.';
      throw new ExpectedError('run/newerEventLog', error.message, fix, { file: this.#path }, error);
    }
  }

  #damaged(problem: string, cause?: Error): ExpectedError {
    const fix = 'Restore the log from a copy, or remove the damaged line.';
    return new ExpectedError('run/damagedEventLog', problem, fix, { file: this.#path, line: this.#line }, cause);
  }
}
