/** Finds the elements of a top-level JSON array in a stream of bytes, with the line where each starts. */

const LF = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** The text of one element, untested, and the line (from 1) of its first character. */
export interface ArrayElement {
  readonly bytes: Uint8Array;
  readonly line: number;
}

export interface ArrayMistake {
  readonly line: number;
  readonly code: `data/${string}`;
  readonly problem: string;
  readonly fix: string;
  /** The element that was being read, from `line` on: parsing it tells more exactly what is wrong. */
  readonly unfinished?: Uint8Array;
}

type State = 'start' | 'firstElement' | 'element' | 'inElement' | 'comma' | 'end';

/** What `between` expects in each state, for messages. */
const EXPECTED: Readonly<Record<Exclude<State, 'inElement'>, string>> = {
  start: '"[" at the start of the array',
  firstElement: 'a record or "]"',
  element: 'a record after the comma',
  comma: '"," or "]" after a record',
  end: 'nothing after the "]" that ends the array',
};

const ARRAY_FIX = 'Write the file as [{...}, {...}], or set data.format to "jsonl" if it has one object per line.';
const QUOTE_FIX = 'Look for a missing quote or bracket in this record.';

/** Takes the file chunk by chunk; after a mistake it takes no more. */
export class JsonArrayScanner {
  mistake: ArrayMistake | undefined;
  readonly #limitBytes: number;
  #state: State = 'start';
  #line = 1;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #isTextBroken = false;
  #elementLine = 1;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** The elements that end in `chunk`. */
  *push(chunk: Uint8Array): Generator<ArrayElement, void, undefined> {
    let position = 0;
    while (position < chunk.length && !this.#hasFailed()) {
      if (this.#state !== 'inElement') {
        position = this.#between(chunk, position);
        continue;
      }
      const end = this.#elementEnd(chunk, position);
      this.#keep(chunk.subarray(position, end ?? chunk.length));
      if (this.#isTextBroken) this.#fail('data/invalidJson', 'a line break inside a text', QUOTE_FIX);
      if (end === undefined || this.#hasFailed()) return;
      position = end;
      this.#state = 'comma';
      yield { bytes: this.#take(), line: this.#elementLine };
    }
  }

  /** What is wrong with the array as a whole, now that the file has ended. */
  finish(): ArrayMistake | undefined {
    if (this.mistake !== undefined || this.#state === 'end') return this.mistake;
    if (this.#state === 'inElement') {
      this.#fail(
        'data/truncatedJson',
        'the file ends inside this record',
        'The file was cut off: fetch or write it again.',
      );
    } else {
      this.#fail('data/truncatedJson', `the file ends, expected ${EXPECTED[this.#state]}`, ARRAY_FIX);
    }
    return this.mistake;
  }

  /** Walks white space, commas and the outer brackets; returns where an element starts or the chunk ends. */
  #between(chunk: Uint8Array, from: number): number {
    for (let position = from; position < chunk.length; position += 1) {
      const byte = chunk[position];
      if (byte === LF) this.#line += 1;
      if (byte === LF || byte === 0x20 || byte === 0x09 || byte === 0x0d) continue;
      const next = this.#stateAfter(byte ?? 0);
      if (next === 'inElement') {
        this.#state = next;
        this.#elementLine = this.#line;
        return position;
      }
      if (next === undefined) {
        this.#failBetween(chunk, position);
        return chunk.length;
      }
      this.#state = next;
    }
    return chunk.length;
  }

  #stateAfter(byte: number): State | undefined {
    switch (this.#state) {
      case 'start':
        return byte === OPEN_LIST ? 'firstElement' : undefined;
      case 'firstElement':
      case 'element':
        if (byte === CLOSE_LIST && this.#state === 'firstElement') return 'end';
        return byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT ? undefined : 'inElement';
      case 'comma':
        return byte === COMMA ? 'element' : byte === CLOSE_LIST ? 'end' : undefined;
      case 'end':
      case 'inElement':
        return undefined;
    }
  }

  /**
   * Position after the element's last byte, or nothing where it goes on in the next chunk. A line break inside a text,
   * which JSON forbids, ends the element too: some quote before it is missing.
   */
  #elementEnd(chunk: Uint8Array, from: number): number | undefined {
    for (let position = from; position < chunk.length; position += 1) {
      const byte = chunk[position];
      if (byte === LF) this.#line += 1;
      if (this.#isInString) {
        if (byte === LF) {
          this.#isTextBroken = true;
          return position;
        }
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) this.#isInString = false;
      } else if (byte === QUOTE) {
        this.#isInString = true;
      } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        this.#depth += 1;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        if (this.#depth === 0) return position;
        this.#depth -= 1;
        if (this.#depth === 0) return position + 1;
      } else if (byte === COMMA && this.#depth === 0) {
        return position;
      }
    }
    return undefined;
  }

  #keep(bytes: Uint8Array): void {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.byteLength;
    if (this.#pendingBytes > this.#limitBytes) {
      this.#fail('data/recordTooLarge', `the record does not end within ${String(this.#limitBytes)} bytes`, QUOTE_FIX);
    }
  }

  #take(): Uint8Array {
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    return bytes;
  }

  #failBetween(chunk: Uint8Array, position: number): void {
    const found =
      Buffer.from(chunk.subarray(position, position + 16))
        .toString('latin1')
        .split('\n')[0] ?? '';
    const expected = this.#state === 'inElement' ? 'a record' : EXPECTED[this.#state];
    this.#fail('data/invalidJson', `expected ${expected}, found ${JSON.stringify(found)}`, ARRAY_FIX);
  }

  #hasFailed(): boolean {
    return this.mistake !== undefined;
  }

  #fail(code: `data/${string}`, problem: string, fix: string): void {
    const isInElement = this.#state === 'inElement';
    const line = isInElement ? this.#elementLine : this.#line;
    this.mistake = { line, code, problem, fix, ...(isInElement ? { unfinished: this.#take() } : {}) };
  }
}
