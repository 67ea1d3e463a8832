/** Generation as text: pieces that make up the whole, characters of several tokens, stop sequences. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { openTokenizer } from '../../engine/checkpoint/tokenizer/tokenizer.ts';
import { GREEDY } from '../../engine/generation/sampling.ts';
import { generateTexts } from '../../engine/generation/textGeneration.ts';
import { TextStream, type TokenDecoder } from '../../engine/generation/textStream.ts';
import { createDecoder } from '../../engine/inference/decoder.ts';
import { loadWeights } from '../../engine/model/weights/residentWeights.ts';

const SAMPLE = join(import.meta.dirname, '..', '..', 'media', 'sample', 'checkpoint');

describe('TextStream', () => {
  const bytes: TokenDecoder = { decode: (ids) => new TextDecoder().decode(Uint8Array.from(ids)) };

  test('holds back a character until its last byte has come', () => {
    const stream = new TextStream(bytes);
    const pieces = [...new TextEncoder().encode('é-\u{1F600}!')].map((byte) => stream.add(byte));
    expect(pieces).toEqual(['', 'é', '-', '', '', '', '\u{1F600}', '!']);
    expect(stream.finish()).toBe('');
    expect(stream.text).toBe('é-\u{1F600}!');
  });

  test('tells at the end what never became a character', () => {
    const stream = new TextStream(bytes);
    expect(stream.add(0xc3)).toBe('');
    expect(stream.finish()).toBe('\ufffd');
  });

  test('keeps the space that a decoder takes off the first word', () => {
    const words = ['▁one', '▁two', '▁three'];
    const sentencePiece: TokenDecoder = {
      decode: (ids) =>
        ids
          .map((id) => words[id]!.replace('▁', ' '))
          .join('')
          .trimStart(),
    };
    const stream = new TextStream(sentencePiece);
    expect([0, 1, 2].map((id) => stream.add(id))).toEqual(['one', ' two', ' three']);
  });
});

describe('generateTexts', async () => {
  const checkpoint = await openCheckpoint(SAMPLE);
  const decoder = await createDecoder(await loadWeights(checkpoint), { threads: 1 });
  await checkpoint.close();
  const tokenizer = await openTokenizer(SAMPLE);
  const prompts = ['Message: The app crashes.\nTeam:', 'Message: Where is my'].map((text) =>
    Int32Array.from(tokenizer.encode(text, { addSpecialTokens: true })),
  );
  const options = {
    ...{ maxNewTokens: 12, eosTokenIds: tokenizer.eosTokenIds, rowCount: 2, sampling: GREEDY, seed: 0 },
    stopSequences: [],
  };

  test('the pieces make up the text, whether anyone listens or not', async () => {
    const pieces = ['', ''];
    const texts = await generateTexts(decoder, tokenizer, prompts, options, {
      onToken: ({ prompt }, piece) => {
        pieces[prompt] = (pieces[prompt] ?? '') + piece;
      },
    });
    expect(texts.map(({ text }) => text)).toEqual(pieces);
    expect(pieces.every((text) => text.length > 5)).toBe(true);
    expect(await generateTexts(decoder, tokenizer, prompts, options)).toEqual(texts);
  });

  test('a text ends before the first stop sequence', async () => {
    const [whole] = await generateTexts(decoder, tokenizer, prompts.slice(0, 1), options);
    const stop = whole!.text.slice(4, 7);
    const [stopped] = await generateTexts(decoder, tokenizer, prompts.slice(0, 1), {
      ...options,
      stopSequences: [stop],
    });
    expect(stopped).toMatchObject({ text: whole!.text.slice(0, whole!.text.indexOf(stop)), ending: 'stopped' });
    expect(stopped!.tokenCount).toBeLessThan(whole!.tokenCount);
  });
});
