/** Reads an event log that may be growing: whole lines only, from where the last read ended. */
import { open } from 'node:fs/promises';
import { EventLineError, parseEventLine } from '../../engine/protocol/eventLine.ts';
import type { RunEvent } from '../../engine/protocol/events.ts';

const BLOCK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** What a read found. */
export interface LogPart {
  readonly events: readonly RunEvent[];
  /** The log was replaced: `events` tells it from its start. */
  readonly isRestart: boolean;
  /** Why later lines cannot be read. */
  readonly damage: EventLineError | undefined;
}

export class LogReader {
  readonly path: string;
  #offset: number;
  #reading: Promise<unknown> = Promise.resolve();

  /** @param offset a line's start, in bytes */
  constructor(path: string, offset = 0) {
    this.path = path;
    this.#offset = offset;
  }

  /** The events of the lines completed since the last read; calls are served one after the other. */
  read(): Promise<LogPart> {
    const part = this.#reading.then(() => this.#readNow());
    this.#reading = part.catch(() => undefined);
    return part;
  }

  async #readNow(): Promise<LogPart> {
    const handle = await open(this.path, 'r');
    try {
      const { size } = await handle.stat();
      const isRestart = size < this.#offset;
      if (isRestart) this.#offset = 0;
      const events: RunEvent[] = [];
      let rest: Buffer = Buffer.alloc(0);
      while (this.#offset + rest.length < size) {
        const block = Buffer.allocUnsafe(BLOCK_BYTES);
        const { bytesRead } = await handle.read(block, 0, BLOCK_BYTES, this.#offset + rest.length);
        if (bytesRead === 0) break;
        rest = rest.length === 0 ? block.subarray(0, bytesRead) : Buffer.concat([rest, block.subarray(0, bytesRead)]);
        const end = rest.lastIndexOf(NEWLINE) + 1;
        const damage = parseLines(rest.toString('utf8', 0, end), events);
        if (damage !== undefined) return { events, isRestart, damage };
        this.#offset += end;
        rest = rest.subarray(end);
      }
      return { events, isRestart, damage: undefined };
    } finally {
      await handle.close();
    }
  }
}

/** Adds the events of complete lines; returns why it stopped at a line, if it did. */
export function parseLines(text: string, events: RunEvent[]): EventLineError | undefined {
  for (const line of text.split('\n')) {
    if (line === '') continue;
    try {
      const event = parseEventLine(line);
      if (event !== undefined && event.type !== 'log') events.push(event);
    } catch (error) {
      if (error instanceof EventLineError) return error;
      throw error;
    }
  }
  return undefined;
}
