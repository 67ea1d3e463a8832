/** Texts and pairs as transformers tokenizes, frames and truncates them, for each kind of encoder's tokenizer. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createTextEncoder } from '../../engine/checkpoint/tokenizer/textEncoder.ts';
import { openTokenizer } from '../../engine/checkpoint/tokenizer/tokenizer.ts';
import { Tokenizer } from '../../engine/checkpoint/tokenizer/tokenizerLibrary.ts';
import { GOLDEN } from '../training/goldenModel.ts';

interface Case {
  readonly texts: [string, string?];
  readonly maxLength: number;
  readonly ids: readonly number[];
  readonly typeIds: readonly number[];
}

const read = (name: string): unknown => JSON.parse(readFileSync(join(GOLDEN, 'tokenizers', name), 'utf8')) as unknown;
const golden = read('pairs.json') as Readonly<Record<string, readonly Case[]>>;

describe.each(Object.keys(golden))('%s', (name) => {
  const tokenizer = new Tokenizer(read(`${name}.json`) as object, {});
  const encode = createTextEncoder(tokenizer, (token) => tokenizer.token_to_id(token) ?? -1);

  test.each(golden[name] ?? [])('$texts in $maxLength tokens', ({ texts, maxLength, ids, typeIds }) => {
    const encoded = encode(texts, maxLength);
    expect(encoded.ids).toEqual(ids);
    // RoBERTa knows one kind of token; the library numbers two.
    if (name !== 'roberta') expect(encoded.typeIds).toEqual(typeIds);
    expect(encoded.cut > 0).toBe(encode(texts, 1000).ids.length > maxLength);
  });
});

test("an encoder's texts are no longer than its positions, and end with its separator", async () => {
  const { encodeTexts, eosTokenId } = await openTokenizer(join(GOLDEN, 'encoders', 'bert'));
  const encoded = encodeTexts?.([new Array(100).fill('cat').join(' ')], 512);
  expect(encoded?.ids.length).toBe(48);
  expect(encoded?.ids.at(-1)).toBe(eosTokenId);
});
