/** Tokenizers and chat templates: token ids as the native library gives them, and every gap told with its way out. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compileChatTemplate, type ChatMessage } from '../../engine/checkpoint/tokenizer/chatTemplate.ts';
import { openTokenizer } from '../../engine/checkpoint/tokenizer/tokenizer.ts';
import { strftime } from '../../engine/checkpoint/tokenizer/strftime.ts';
import { GOLDEN } from '../training/goldenModel.ts';
import { scratchFolder } from './handmadeFile.ts';

const SAMPLE = join(import.meta.dirname, '..', '..', 'media', 'sample', 'checkpoint');
const scratch = scratchFolder();
let count = 0;

type Json = Record<string, unknown>;

/** A copy of the sample's small files, changed. */
function folderWith(changes: Readonly<Record<string, (json: Json) => unknown>>): string {
  const folder = join(scratch, String((count += 1)));
  cpSync(SAMPLE, folder, { recursive: true, filter: (path) => !path.endsWith('.safetensors') });
  for (const [name, change] of Object.entries(changes)) {
    const path = join(folder, name);
    const json = JSON.parse(readFileSync(path, 'utf8')) as Json;
    change(json);
    writeFileSync(path, JSON.stringify(json));
  }
  return folder;
}

test('about 200 texts have the token ids, and the decoded text, of the native library', async () => {
  const rows = JSON.parse(readFileSync(join(GOLDEN, 'tokens.json'), 'utf8')) as readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly decoded: string;
  }[];
  const tokenizer = await openTokenizer(SAMPLE);
  expect(rows.length).toBeGreaterThan(190);
  for (const { text, ids, decoded } of rows) {
    expect(tokenizer.encode(text, { addSpecialTokens: true }), JSON.stringify(text)).toEqual(ids);
    expect(tokenizer.decode(ids, { skipSpecialTokens: false }), JSON.stringify(text)).toBe(decoded);
  }
});

describe('special tokens', () => {
  test('are those that the files name', async () => {
    const tokenizer = await openTokenizer(SAMPLE);
    expect(tokenizer).toMatchObject({ eosTokenId: 0, eosTokenIds: [0], padTokenId: 1, warnings: [] });
    expect([0, 1, 2].map((id) => tokenizer.isSpecialToken(id))).toEqual([true, true, false]);
    expect(
      tokenizer.decode([0, ...tokenizer.encode('hi', { addSpecialTokens: false })], { skipSpecialTokens: true }),
    ).toBe('hi');
  });

  test('an eos_token that does not end a generation is told of', async () => {
    const folder = folderWith({ 'generation_config.json': (json) => (json['eos_token_id'] = [5]) });
    const { eosTokenId, eosTokenIds, warnings } = await openTokenizer(folder);
    expect({ eosTokenId, eosTokenIds }).toEqual({ eosTokenId: 5, eosTokenIds: [5] });
    expect(warnings).toEqual([expect.stringContaining('answers end with token 5 instead')]);
  });

  test('no token at all that ends a text is an error that says where to put one', async () => {
    const drop =
      (...keys: readonly string[]) =>
      (json: Json) => {
        for (const key of keys) json[key] = null;
      };
    const folder = folderWith({
      'generation_config.json': drop('eos_token_id'),
      'tokenizer_config.json': drop('eos_token'),
      'config.json': drop('eos_token_id'),
    });
    await expect(openTokenizer(folder)).rejects.toMatchObject({
      code: 'checkpoint/noEosToken',
      place: { file: join(folder, 'tokenizer_config.json') },
    });
  });

  test('a token beyond the model is an error where it occurs in a text', async () => {
    const folder = folderWith({
      'tokenizer.json': (json) => {
        (json['added_tokens'] as unknown[]).push({ id: 5000, content: '<extra>', special: true });
      },
    });
    const tokenizer = await openTokenizer(folder);
    expect(() => tokenizer.encode('a<extra>', { addSpecialTokens: false })).toThrow(
      /the token "<extra>" has the id 5000, but the model's vocabulary ends at 1024/,
    );
  });
});

describe('faults name the file', () => {
  test('no tokenizer.json, with and without a tokenizer.model', async () => {
    const folder = folderWith({});
    rmSync(join(folder, 'tokenizer.json'));
    const place = { file: join(folder, 'tokenizer.json') };
    await expect(openTokenizer(folder)).rejects.toMatchObject({ code: 'checkpoint/noTokenizer', place });
    writeFileSync(join(folder, 'tokenizer.model'), 'x');
    await expect(openTokenizer(folder)).rejects.toThrow(/AutoTokenizer/);
  });

  test.each([
    ['{', /expected JSON/],
    ['[]', /expected a JSON object/],
    ['{}', /expected a "model" object/],
    ['{"model":{"type":"WordLevel"}}', /model type "WordLevel"; supported: BPE, WordPiece, Unigram/],
    ['{"model":{"type":"BPE","dropout":0.1}}', /BPE dropout 0\.1/],
    [
      '{"model":{"type":"BPE"},"added_tokens":[{"id":-1,"content":"x"}]}',
      /expected an added token with id and content/,
    ],
    ['{"model":{"type":"BPE"},"added_tokens":[{"id":1,"content":"x","single_word":true}]}', /single_word/],
  ])('%s', async (text, message) => {
    const folder = folderWith({});
    const file = join(folder, 'tokenizer.json');
    writeFileSync(file, text);
    await expect(openTokenizer(folder)).rejects.toThrow(message);
    await expect(openTokenizer(folder)).rejects.toMatchObject({ name: 'ExpectedError', place: { file } });
  });

  test('bytes that are no text', async () => {
    const folder = folderWith({});
    writeFileSync(join(folder, 'tokenizer_config.json'), Uint8Array.of(0x7b, 0xff, 0x7d));
    await expect(openTokenizer(folder)).rejects.toThrow(/tokenizer_config\.json: the file is not valid UTF-8/);
  });
});

describe('chat templates', () => {
  const HI: readonly ChatMessage[] = [{ role: 'user', content: 'Hi' }];
  const TIME = new Date(2024, 6, 4, 9, 5, 3);
  const render = (source: string, messages = HI): string =>
    compileChatTemplate(
      source,
      { bos_token: '<s>' },
      TIME,
      'chat_template.jinja',
    )(messages, { addGenerationPrompt: true });

  test('see messages, tokens, the prompt flag and the time', () => {
    const source =
      '{{ bos_token }}{% for m in messages %}[{{ m.role }}] {{ m["content"] | trim }}\n{% endfor %}' +
      '{% if add_generation_prompt %}[assistant]{% endif %} {{ strftime_now("%d %b %Y") }}';
    expect(render(source)).toBe('<s>[user] Hi\n[assistant] 04 Jul 2024');
  });

  test('a refusal and a fault of the template are told apart', () => {
    expect(() => render('{{ raise_exception("roles must alternate") }}')).toThrow(
      /chat_template\.jinja: the chat template refuses: roles must alternate\. Write the conversation/,
    );
    expect(() => render('{{ messages | no_such_filter }}')).toThrow(
      /the chat template fails: .*Fetch the template again/s,
    );
    expect(() => render('{% for %}')).toThrow(expect.objectContaining({ code: 'checkpoint/chatTemplate' }));
    expect(() => render('{% for i in range(1000000000) %}x{% endfor %}')).toThrow(/range of 1000000000 items/);
  });

  test('the file goes before the field, and of named templates "default" is taken', async () => {
    const template = (text: string) => ({
      'tokenizer_config.json': (json: Json) => (json['chat_template'] = text),
    });
    const rendered = async (folder: string) =>
      (await openTokenizer(folder)).renderChat?.(HI, { addGenerationPrompt: false });
    expect(await rendered(SAMPLE)).toBeUndefined();
    const folder = folderWith(template('field {{ messages[0].content }}'));
    expect(await rendered(folder)).toBe('field Hi');
    writeFileSync(join(folder, 'chat_template.jinja'), 'file {{ messages[0].content }}');
    expect(await rendered(folder)).toBe('file Hi');
    const named = [
      { name: 'tool_use', template: 'tools' },
      { name: 'default', template: 'plain' },
    ];
    expect(await rendered(folderWith({ 'tokenizer_config.json': (json) => (json['chat_template'] = named) }))).toBe(
      'plain',
    );
    const broken = folderWith({ 'tokenizer_config.json': (json) => (json['chat_template'] = 3) });
    await expect(openTokenizer(broken)).rejects.toMatchObject({ code: 'checkpoint/invalidFile' });
  });

  test('strftime as Python writes it', () => {
    expect(strftime(TIME, '%A %a %B %b %d %-d %H %I %-I %j %m %M %p %S %y %Y %% %Q')).toBe(
      'Thursday Thu July Jul 04 4 09 09 9 186 07 05 AM 03 24 2024 % %Q',
    );
  });
});
