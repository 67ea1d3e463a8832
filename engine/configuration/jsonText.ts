/**
 * JSON with the place of every key and value (RFC 8259), so that an error can be shown where it was written. Faults
 * that leave the meaning clear, such as a key given twice, are collected; others end the parse.
 */

/** A stretch of the text, in UTF-16 units from 0. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

export interface JsonNode extends TextSpan {
  /** Objects have no prototype, so that `__proto__` is a key like any other. */
  readonly value: unknown;
  /** Members of an object by key. */
  readonly members?: ReadonlyMap<string, { readonly key: TextSpan; readonly node: JsonNode }>;
  /** Items of an array. */
  readonly items?: readonly JsonNode[];
}

/** The text is no JSON from this place on. */
export class JsonTextError extends Error {
  override readonly name = 'JsonTextError';
  readonly span: TextSpan;

  constructor(message: string, span: TextSpan) {
    super(message);
    this.span = span;
  }
}

const DEPTH_LIMIT = 32;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)/y;
const WORD = /[^\s,:{}[\]"]+|./suy;
const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;

/**
 * @param onDuplicate called with each key that its object has already; the later value counts
 * @throws JsonTextError
 */
export function parseJsonText(text: string, onDuplicate: (key: TextSpan) => void): JsonNode {
  const parser = new Parser(text, onDuplicate);
  const node = parser.parseValue(0);
  parser.expectEnd();
  return node;
}

class Parser {
  readonly #text: string;
  readonly #onDuplicate: (key: TextSpan) => void;
  #position: number;

  constructor(text: string, onDuplicate: (key: TextSpan) => void) {
    this.#text = text;
    this.#onDuplicate = onDuplicate;
    this.#position = text.startsWith('\ufeff') ? 1 : 0;
  }

  parseValue(depth: number): JsonNode {
    if (depth > DEPTH_LIMIT) this.#fail(`nested deeper than ${String(DEPTH_LIMIT)} levels`);
    this.#skipSpace();
    const start = this.#position;
    switch (this.#text[start]) {
      case '{':
        return this.#parseObject(depth);
      case '[':
        return this.#parseArray(depth);
      case '"':
        return { ...this.#parseString('a value'), start };
      default: {
        const scalar = this.#take(SCALAR);
        if (scalar === undefined) this.#fail('expected a value');
        return { value: JSON.parse(scalar) as unknown, start, end: this.#position };
      }
    }
  }

  expectEnd(): void {
    this.#skipSpace();
    if (this.#position < this.#text.length) this.#fail('expected the end of the file');
  }

  #parseObject(depth: number): JsonNode {
    const start = this.#position;
    const value = Object.create(null) as Record<string, unknown>;
    const members = new Map<string, { key: TextSpan; node: JsonNode }>();
    this.#parseItems('}', 'a key in double quotes', () => {
      const key = this.#parseString('a key in double quotes');
      if (members.has(key.value)) this.#onDuplicate(key);
      this.#skipSpace();
      if (!this.#takeMark(':')) this.#fail(`expected ":" after the key "${key.value}"`);
      const node = this.parseValue(depth + 1);
      members.set(key.value, { key, node });
      value[key.value] = node.value;
    });
    return { value, members, start, end: this.#position };
  }

  #parseArray(depth: number): JsonNode {
    const start = this.#position;
    const items: JsonNode[] = [];
    this.#parseItems(']', 'a value', () => items.push(this.parseValue(depth + 1)));
    return { value: items.map((item) => item.value), items, start, end: this.#position };
  }

  /** Steps through comma-separated items up to the closing bracket, from the opening one on. */
  #parseItems(close: string, what: string, parseItem: () => void): void {
    this.#position += 1;
    this.#skipSpace();
    if (this.#takeMark(close)) return;
    for (;;) {
      parseItem();
      this.#skipSpace();
      if (this.#takeMark(close)) return;
      const comma = this.#position;
      if (!this.#takeMark(',')) this.#fail(`expected "," or "${close}"`);
      this.#skipSpace();
      if (this.#text[this.#position] === close) {
        throw new JsonTextError(`expected ${what} after ",": remove the comma`, { start: comma, end: comma + 1 });
      }
    }
  }

  #parseString(what: string): TextSpan & { readonly value: string } {
    this.#skipSpace();
    const start = this.#position;
    const literal = this.#take(STRING);
    if (literal !== undefined) return { value: JSON.parse(literal) as string, start, end: this.#position };
    if (this.#text[start] !== '"') this.#fail(`expected ${what}`);
    const lineEnd = /$/m.exec(this.#text.slice(start))!.index + start;
    const problem = 'a string that is not closed on its line, or holds an unknown escape (a backslash is written \\\\)';
    throw new JsonTextError(problem, { start, end: lineEnd });
  }

  #skipSpace(): void {
    this.#take(SPACE);
  }

  #takeMark(mark: string): boolean {
    if (this.#text[this.#position] !== mark) return false;
    this.#position += 1;
    return true;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text)?.[0];
    if (match !== undefined) this.#position += match.length;
    return match;
  }

  #fail(expected: string): never {
    const start = this.#position;
    const found = this.#take(WORD);
    const isComment = found?.startsWith('/') === true || found?.startsWith('#') === true;
    const what = found === undefined ? 'the end of the file' : JSON.stringify(found);
    const hint = isComment ? ': JSON has no comments' : '';
    throw new JsonTextError(`${expected}, found ${what}${hint}`, { start, end: this.#position });
  }
}
