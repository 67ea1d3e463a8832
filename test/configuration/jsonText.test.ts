import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJsonText, type JsonNode } from '../../engine/configuration/jsonText.ts';

function parse(text: string): JsonNode {
  return parseJsonText(text, () => undefined);
}

/** Objects without prototype as ordinary ones, by way of JSON. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

/** Every value's text, read again, is the value. */
function checkSpans(text: string, node: JsonNode): void {
  expect(JSON.parse(text.slice(node.start, node.end))).toEqual(plain(node.value));
  for (const item of node.items ?? []) checkSpans(text, item);
  for (const [name, { key, node: member }] of node.members ?? []) {
    expect(JSON.parse(text.slice(key.start, key.end))).toBe(name);
    checkSpans(text, member);
  }
}

test('reads any JSON as JSON.parse does, with the place of every key and value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 1, 2), (value, indent) => {
      const text = ` ${JSON.stringify(value, undefined, indent)}\r\n`;
      const node = parse(text);
      expect(plain(node.value)).toEqual(JSON.parse(text));
      checkSpans(text, node);
    }),
  );
});

test('refuses any text that JSON.parse refuses', () => {
  const fragment = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '1',
    '-',
    '0',
    '.5',
    'e3',
    'true',
    'nul',
    ' ',
    '"\\x"',
  );
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 8 }), (fragments) => {
      const text = fragments.join('');
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      if (isJson) parse(text);
      else expect(() => parse(text)).toThrow(expect.objectContaining({ name: 'JsonTextError' }));
    }),
    { numRuns: 2000 },
  );
});

test('reads a long string without exhausting the stack', () => {
  const text = JSON.stringify('a\\n'.repeat(500_000));
  expect(parse(text).value).toBe('a\\n'.repeat(500_000));
});
