/**
 * A JSON reader for hostile headers: it refuses duplicate keys, bounds the depth, and returns objects as maps, so that
 * a key such as `__proto__` is a key like any other (RFC 8259).
 */

export type StrictJson = string | number | boolean | null | readonly StrictJson[] | ReadonlyMap<string, StrictJson>;

/** What is wrong with the text, and at which character (from 0). */
export class StrictJsonError extends Error {
  override readonly name = 'StrictJsonError';
  readonly position: number;

  constructor(problem: string, position: number) {
    super(`${problem} at character ${String(position)}`);
    this.position = position;
  }
}

const DEPTH_LIMIT = 16;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LONE_SURROGATE = /\p{Surrogate}/u;
const LITERALS: readonly (readonly [string, boolean | null])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

interface Cursor {
  readonly text: string;
  position: number;
}

/**
 * Parses `text`, which must hold one value and nothing after it but whitespace.
 * @throws StrictJsonError
 */
export function parseStrictJson(text: string): StrictJson {
  const cursor: Cursor = { text, position: 0 };
  const value = parseValue(cursor, 0);
  skipWhitespace(cursor);
  if (cursor.position < text.length) throw new StrictJsonError('unexpected text after the value', cursor.position);
  return value;
}

function parseValue(cursor: Cursor, depth: number): StrictJson {
  if (depth > DEPTH_LIMIT) throw new StrictJsonError(`nested deeper than ${String(DEPTH_LIMIT)}`, cursor.position);
  skipWhitespace(cursor);
  switch (cursor.text[cursor.position]) {
    case '{':
      return parseObject(cursor, depth);
    case '[':
      return parseArray(cursor, depth);
    case '"':
      return parseString(cursor);
    default:
      return parseScalar(cursor);
  }
}

function parseObject(cursor: Cursor, depth: number): ReadonlyMap<string, StrictJson> {
  const entries = new Map<string, StrictJson>();
  parseItems(cursor, '}', () => {
    skipWhitespace(cursor);
    const start = cursor.position;
    const key = parseString(cursor);
    if (entries.has(key)) throw new StrictJsonError(`duplicate key ${JSON.stringify(key)}`, start);
    skipWhitespace(cursor);
    expectCharacter(cursor, ':');
    entries.set(key, parseValue(cursor, depth + 1));
  });
  return entries;
}

function parseArray(cursor: Cursor, depth: number): readonly StrictJson[] {
  const items: StrictJson[] = [];
  parseItems(cursor, ']', () => {
    items.push(parseValue(cursor, depth + 1));
  });
  return items;
}

/** Steps through the comma-separated items of an object or array, brackets included. */
function parseItems(cursor: Cursor, close: string, parseItem: () => void): void {
  cursor.position += 1;
  skipWhitespace(cursor);
  if (cursor.text[cursor.position] === close) {
    cursor.position += 1;
    return;
  }
  for (;;) {
    parseItem();
    skipWhitespace(cursor);
    if (cursor.text[cursor.position] === close) break;
    expectCharacter(cursor, ',');
  }
  cursor.position += 1;
}

function parseString(cursor: Cursor): string {
  const start = cursor.position;
  const end = findStringEnd(cursor.text, start);
  if (end === undefined) throw new StrictJsonError('expected a string', start);
  cursor.position = end;
  const value = decodeString(cursor.text.slice(start, end), start);
  if (LONE_SURROGATE.test(value)) throw new StrictJsonError('half of a surrogate pair in a string', start);
  return value;
}

/** Position after the closing quote; a loop, since a pattern over a long string could exhaust the stack. */
function findStringEnd(text: string, start: number): number | undefined {
  if (text[start] !== '"') return undefined;
  for (let position = start + 1; position < text.length; position += 1) {
    const code = text.charCodeAt(position);
    if (code === QUOTE) return position + 1;
    if (code === BACKSLASH) position += 1;
  }
  return undefined;
}

function decodeString(literal: string, start: number): string {
  try {
    return JSON.parse(literal) as string;
  } catch {
    throw new StrictJsonError('a control character or unknown escape in a string', start);
  }
}

function parseScalar(cursor: Cursor): number | boolean | null {
  const digits = takeMatch(cursor, NUMBER);
  if (digits !== undefined) return Number(digits);
  for (const [word, value] of LITERALS) {
    if (cursor.text.startsWith(word, cursor.position)) {
      cursor.position += word.length;
      return value;
    }
  }
  throw new StrictJsonError('expected a value', cursor.position);
}

function skipWhitespace(cursor: Cursor): void {
  while (isWhitespace(cursor.text.charCodeAt(cursor.position))) cursor.position += 1;
}

function isWhitespace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function expectCharacter(cursor: Cursor, character: string): void {
  if (cursor.text[cursor.position] !== character) {
    throw new StrictJsonError(`expected ${JSON.stringify(character)}`, cursor.position);
  }
  cursor.position += 1;
}

function takeMatch(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.position;
  const match = pattern.exec(cursor.text);
  if (match === null) return undefined;
  cursor.position = pattern.lastIndex;
  return match[0];
}
