/** Two small tokenizers of the families that the data layer must get right, run by the real tokenizer library. */
import { Template } from '@huggingface/jinja';
import * as library from '@huggingface/tokenizers';
import type { DataTokenizer } from '../../engine/data/dataTokenizer.ts';

/** The library's declarations import each other without file extensions, which the compiler does not resolve. */
interface TokenizerLibrary {
  readonly Tokenizer: new (
    tokenizerJson: object,
    tokenizerConfig: object,
  ) => {
    encode(text: string, options: { readonly add_special_tokens: boolean }): { readonly ids: number[] };
    decode(ids: readonly number[], options: { readonly skip_special_tokens: boolean }): string;
    token_to_id(token: string): number | undefined;
  };
}

const { Tokenizer } = library as unknown as TokenizerLibrary;

interface SpecialToken {
  readonly id: number;
  readonly content: string;
}

export interface SmallTokenizer extends DataTokenizer {
  readonly decode: (ids: readonly number[]) => string;
}

/** ChatML, as SmolLM2 and Qwen 2 write it. */
export const CHATML =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}" +
  "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

const WORDS = [
  'Hello',
  'world',
  'the',
  'answer',
  'is',
  'blue',
  'user',
  'assistant',
  'system',
  'What',
  'Response',
  'instruction',
];

/** Byte-level BPE with the splitting pattern of GPT-2, no BOS: the family of SmolLM2, Qwen and Llama 3. */
export function byteLevelTokenizer(chatTemplate?: string): SmallTokenizer {
  const merges = mergesOf([...WORDS, ...WORDS.map((word) => `Ġ${word}`), 'ĊĊ', 'ĠĠ']);
  return build(
    {
      added_tokens: ['<|endoftext|>', '<|im_start|>', '<|im_end|>'].map((content, id) => special(content, id)),
      normalizer: null,
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      post_processor: null,
      decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: bpe(['<|endoftext|>', '<|im_start|>', '<|im_end|>', ...byteCharacters()], merges, {}),
    },
    {
      eos: chatTemplate === undefined ? '<|endoftext|>' : '<|im_end|>',
      ...(chatTemplate === undefined ? {} : { chatTemplate }),
    },
  );
}

/** Sentencepiece BPE with byte fallback, a space before the first word and a BOS: the family of Llama 2 and Mistral. */
export function sentencepieceTokenizer(chatTemplate?: string): SmallTokenizer {
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
  const letters = ['▁', ...Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index))];
  const merges = mergesOf([...WORDS, ...WORDS.map((word) => `▁${word}`)]);
  return build(
    {
      added_tokens: ['<unk>', '<s>', '</s>'].map((content, id) => special(content, id)),
      normalizer: {
        type: 'Sequence',
        normalizers: [
          { type: 'Prepend', prepend: '▁' },
          { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
        ],
      },
      pre_tokenizer: null,
      post_processor: {
        type: 'TemplateProcessing',
        single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
        pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
        special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
      },
      decoder: {
        type: 'Sequence',
        decoders: [
          { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
          { type: 'ByteFallback' },
          { type: 'Fuse' },
          { type: 'Strip', content: ' ', start: 1, stop: 0 },
        ],
      },
      model: bpe(['<unk>', '<s>', '</s>', ...bytes, ...letters], merges, {
        byte_fallback: true,
        fuse_unk: true,
        unk_token: '<unk>',
      }),
    },
    { eos: '</s>', ...(chatTemplate === undefined ? {} : { chatTemplate }) },
  );
}

function build(
  tokenizerJson: Readonly<Record<string, unknown>> & { readonly added_tokens: readonly SpecialToken[] },
  { eos, chatTemplate }: { readonly eos: string; readonly chatTemplate?: string },
): SmallTokenizer {
  const tokenizer = new Tokenizer(tokenizerJson, { eos_token: eos, tokenizer_class: 'PreTrainedTokenizerFast' });
  const specialIds = new Set(tokenizerJson.added_tokens.map(({ id }) => id));
  const template = chatTemplate === undefined ? undefined : new Template(chatTemplate);
  return {
    encode: (text, { addSpecialTokens }) => tokenizer.encode(text, { add_special_tokens: addSpecialTokens }).ids,
    decode: (ids) => (ids.length === 0 ? '' : tokenizer.decode([...ids], { skip_special_tokens: false })),
    eosTokenId: tokenizer.token_to_id(eos) ?? -1,
    isSpecialToken: (id) => specialIds.has(id),
    renderChat:
      template === undefined
        ? undefined
        : (messages, { addGenerationPrompt }) =>
            template.render({ messages, add_generation_prompt: addGenerationPrompt, bos_token: '<s>', eos_token: eos }),
  };
}

function special(content: string, id: number): SpecialToken {
  const flags = { special: true, single_word: false, lstrip: false, rstrip: false, normalized: false };
  return { id, content, ...flags };
}

function bpe(base: readonly string[], merges: readonly (readonly [string, string])[], options: object): object {
  const tokens = [...new Set([...base, ...merges.map(([left, right]) => left + right)])];
  return {
    type: 'BPE',
    dropout: null,
    vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    merges: merges.map(([left, right]) => `${left} ${right}`),
    ...options,
  };
}

/** Merges that build each word letter by letter. */
function mergesOf(words: readonly string[]): [string, string][] {
  const merges = new Map<string, [string, string]>();
  for (const word of words) {
    for (let end = 1; end < word.length; end += 1) {
      const pair: [string, string] = [word.slice(0, end), word.charAt(end)];
      merges.set(pair.join(' '), pair);
    }
  }
  return [...merges.values()];
}

/** The characters by which byte-level BPE writes the 256 bytes. */
function byteCharacters(): string[] {
  const isPrintable = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  let others = 0;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isPrintable(byte) ? byte : 256 + others++));
}
