/** Reads an event log that may be growing: whole lines only, from where the last read ended. */
import { open } from 'node:fs/promises';
import { EventLineError, parseEventLine } from '../../engine/protocol/runs/eventLine.ts';
import type { RunEvent } from '../../engine/protocol/runs/events.ts';

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

  /**
   * The events of the lines completed since the last read; calls are served one after the other.
   * @param isSparse leaves out steps that another step follows: enough for a summary, and much faster
   */
  read(isSparse = false): Promise<LogPart> {
    const part = this.#reading.then(() => this.#readNow(isSparse));
    this.#reading = part.catch(() => undefined);
    return part;
  }

  async #readNow(isSparse: boolean): Promise<LogPart> {
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
        const damage = parseLines(rest.toString('utf8', 0, end), events, isSparse);
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

/** How the engine begins the line of a step. */
const STEP_START = '{"type":"step"';

/**
 * Adds the events of complete lines; returns why it stopped at a line, if it did.
 * @param isSparse leaves out steps that another step follows
 */
export function parseLines(text: string, events: RunEvent[], isSparse: boolean): EventLineError | undefined {
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    if (isSparse && line.startsWith(STEP_START) && lines[index + 1]?.startsWith(STEP_START) === true) continue;
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
