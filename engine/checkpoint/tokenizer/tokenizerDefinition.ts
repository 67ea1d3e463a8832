/** `tokenizer.json`, checked for what the tokenizer library would get wrong or silently leave out. */
import { ExpectedError } from '../../errors/expected.ts';
import { invalidFile, isPlainObject, type PlainObject } from '../smallFile.ts';

/** A token outside the model's own vocabulary rules, such as `<|im_end|>`. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
}

export interface TokenizerDefinition {
  /** The whole file, for the tokenizer library. */
  readonly json: PlainObject;
  readonly modelType: 'BPE' | 'WordPiece' | 'Unigram';
  readonly addedTokens: readonly AddedToken[];
}

const MODEL_TYPES = ['BPE', 'WordPiece', 'Unigram'] as const;

/**
 * @param json content of tokenizer.json
 * @param config content of tokenizer_config.json, whose `added_tokens_decoder` may name further tokens
 * @throws ExpectedError `checkpoint/unsupportedTokenizer`, `checkpoint/invalidFile`
 */
export function parseTokenizerDefinition(json: PlainObject, config: PlainObject, file: string): TokenizerDefinition {
  const model = json['model'];
  if (!isPlainObject(model)) throw invalidFile(file, 'expected a "model" object');
  const addedTokens = [...listedTokens(json, file), ...furtherTokens(json, config, file)];
  return {
    json: { ...json, added_tokens: addedTokens },
    modelType: parseModelType(model, file),
    addedTokens: addedTokens.map(({ id, content, special }) => ({ id, content, special })),
  };
}

function parseModelType(model: PlainObject, file: string): TokenizerDefinition['modelType'] {
  // Old files leave the type out; only BPE has merges.
  const found = model['type'] ?? ('merges' in model ? 'BPE' : undefined);
  const type = MODEL_TYPES.find((name) => name === found);
  if (type === undefined)
    throw unsupported(file, `model type ${JSON.stringify(found ?? null)}`, MODEL_TYPES.join(', '));
  if (type === 'Unigram' && model['byte_fallback'] === true) {
    throw unsupported(file, 'Unigram with byte_fallback', 'Unigram without it');
  }
  if (typeof model['dropout'] === 'number' && model['dropout'] > 0) {
    throw unsupported(file, `BPE dropout ${String(model['dropout'])}`, 'no dropout');
  }
  return type;
}

interface RawToken extends PlainObject {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
}

function listedTokens(json: PlainObject, file: string): readonly RawToken[] {
  const list = json['added_tokens'] ?? [];
  if (!Array.isArray(list)) throw invalidFile(file, 'expected "added_tokens" to be a list');
  return list.map((token) => parseToken(token, file));
}

/** transformers adds what tokenizer_config.json lists beyond tokenizer.json. */
function furtherTokens(json: PlainObject, config: PlainObject, file: string): readonly RawToken[] {
  const decoder = config['added_tokens_decoder'];
  if (!isPlainObject(decoder)) return [];
  const known = new Set(listedTokens(json, file).map(({ content }) => content));
  return Object.entries(decoder)
    .map(([id, token]) => parseToken({ ...(isPlainObject(token) ? token : {}), id: Number(id) }, file))
    .filter(({ content }) => !known.has(content));
}

function parseToken(token: unknown, file: string): RawToken {
  if (!isPlainObject(token)) throw invalidFile(file, 'expected every added token to be an object');
  const { id, content } = token;
  if (!Number.isSafeInteger(id) || (id as number) < 0 || typeof content !== 'string' || content === '') {
    throw invalidFile(file, `expected an added token with id and content, found ${JSON.stringify(token).slice(0, 80)}`);
  }
  if (token['single_word'] === true) {
    throw unsupported(file, `the added token ${JSON.stringify(content)} with single_word`, 'added tokens without it');
  }
  return { ...token, id: id as number, content, special: token['special'] === true };
}

/** The error for a kind of tokenizer that the library cannot run faithfully. */
export function unsupported(file: string, found: string, supported: string, cause?: unknown): ExpectedError {
  const problem = `tokenizer not supported: found ${found}; supported: ${supported}`;
  const fix = 'Choose a checkpoint with another tokenizer.';
  return new ExpectedError('checkpoint/unsupportedTokenizer', problem, fix, { file }, cause);
}
