import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { promptOf, renderExample, type RenderedExample } from '../../engine/data/template.ts';
import { createExampleEncoder } from '../../engine/data/tokenization.ts';
import { byteLevelTokenizer, CHATML, sentencepieceTokenizer, type SmallTokenizer } from './smallTokenizer.ts';

const place = { file: 'data.jsonl', line: 1, unit: 'line' } as const;
const byteLevel = byteLevelTokenizer();
const sentencepiece = sentencepieceTokenizer();
const families = [
  ['byte-level', byteLevel],
  ['sentencepiece', sentencepiece],
] as const;

const rendered = (prompt: string, answer: string): RenderedExample => ({
  spans: [
    { text: prompt, isAnswer: false },
    { text: answer, isAnswer: true },
  ],
  hasSpecialTokens: false,
});

describe.each(families)('%s tokens', (_, tokenizer: SmallTokenizer) => {
  const encoder = createExampleEncoder(tokenizer);

  test.each([
    ['What is the answer?\n', 'the answer is blue'],
    ['### Response:\n', 'Hello world'],
    ['The sky is', ' blue'],
    ['Hello\n', '  indented'],
  ])('%j + %j are those of the whole text, the prompt masked, EOS at the end', (prompt, answer) => {
    const { ids, isLabel } = encoder.encodeExample(rendered(prompt, answer), false);
    const promptLength = tokenizer.encode(prompt, { addSpecialTokens: true }).length;
    expect(ids).toEqual([...tokenizer.encode(prompt + answer, { addSpecialTokens: true }), tokenizer.eosTokenId]);
    expect(isLabel).toEqual(ids.map((_id, index) => index >= promptLength));
  });

  test('the tokens before the answer are those that generation starts from, and the text is kept', () => {
    const text = fc.stringMatching(/^[ \nA-Za-z.,]*$/);
    fc.assert(
      fc.property(
        text,
        text.filter((answer) => answer !== ''),
        (prompt, answer) => {
          const example = rendered(prompt, answer);
          const { ids, isLabel } = encoder.encodeExample(example, false);
          const start = encoder.encodePrompt(promptOf(example));
          expect(ids.slice(0, start.length)).toEqual(start);
          expect(start).toEqual(tokenizer.encode(prompt, { addSpecialTokens: true }));
          expect(isLabel.indexOf(true)).toBe(Math.max(1, start.length));
          expect(ids.at(-1)).toBe(tokenizer.eosTokenId);
          const whole = tokenizer.encode(prompt + answer, { addSpecialTokens: true });
          expect(tokenizer.decode(ids.slice(0, -1))).toBe(tokenizer.decode(whole));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('trainOnPrompt learns all but the first token', () => {
    const { isLabel } = encoder.encodeExample(rendered('Hello\n', 'world'), true);
    expect(isLabel).toEqual(isLabel.map((_label, index) => index > 0));
  });

  test('plain text is learnt whole, and an EOS that it ends with is not doubled', () => {
    const eosText = tokenizer.decode([tokenizer.eosTokenId]);
    const once = encoder.encodeExample(
      { spans: [{ text: 'Hello world', isAnswer: true }], hasSpecialTokens: false },
      false,
    );
    const written = encoder.encodeExample(rendered('Hello\n', `world${eosText}`), false);
    expect(once.isLabel).toEqual(once.isLabel.map((_label, index) => index > 0));
    expect([once.ids, written.ids].map((ids) => ids.filter((id) => id === tokenizer.eosTokenId).length)).toEqual([
      1, 1,
    ]);
  });
});

test('a tokenizer whose post-processor ends texts with EOS does not put one between prompt and answer', () => {
  const ending: SmallTokenizer = {
    ...sentencepiece,
    encode: (text, options) => {
      const ids = sentencepiece.encode(text, options);
      return options.addSpecialTokens ? [...ids, sentencepiece.eosTokenId] : ids;
    },
  };
  const example = rendered('Hello\n', 'world');
  expect(createExampleEncoder(ending).encodeExample(example, false)).toEqual(
    createExampleEncoder(sentencepiece).encodeExample(example, false),
  );
});

describe('conversations', () => {
  const chat = byteLevelTokenizer(CHATML);
  const messages = ['Hello', 'world', 'What', 'the answer'].map((content, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content,
  }));

  test('every assistant turn and its end-of-turn token are learnt, and nothing else', () => {
    const example = renderExample({ shape: 'messages', messages }, 'chat', chat, place);
    const { ids, isLabel } = createExampleEncoder(chat).encodeExample(example, false);
    expect(chat.decode(ids.filter((_id, index) => isLabel[index]))).toBe('world<|im_end|>the answer<|im_end|>');
    const whole = example.spans
      .map(({ text }) => text)
      .join('')
      .trimEnd();
    expect(ids).toEqual(chat.encode(whole, { addSpecialTokens: false }));
  });

  test('a template that writes the BOS itself gets no second one, and one without end of turn gets the EOS', () => {
    const template =
      "{{ bos_token }}{% for m in messages %}{{ m['role'] + ': ' + m['content'] + '\\n' }}{% endfor %}" +
      '{% if add_generation_prompt %}assistant: {% endif %}';
    const tokenizer = sentencepieceTokenizer(template);
    const example = renderExample({ shape: 'messages', messages: messages.slice(0, 2) }, 'chat', tokenizer, place);
    const { ids, isLabel } = createExampleEncoder(tokenizer).encodeExample(example, false);
    expect(ids.filter((id) => id === 1)).toHaveLength(1);
    expect([ids[0], ids.at(-1)]).toEqual([1, tokenizer.eosTokenId]);
    expect(tokenizer.decode(ids.filter((_id, index) => isLabel[index]))).toBe('world\n</s>');
  });
});
