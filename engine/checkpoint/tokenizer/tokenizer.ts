/** A checkpoint's tokenizer: text to token ids and back, special tokens, and the chat template. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ExpectedError } from '../../errors/expected.ts';
import { compileChatTemplate, type RenderChat } from './chatTemplate.ts';
import { readChatTemplate } from './chatTemplateSource.ts';
import type { EncoderConfig } from '../config/encoderConfig.ts';
import type { ModelConfig } from '../config/modelConfig.ts';
import { readModelConfig } from '../config/modelConfigFile.ts';
import { readOptionalPlainJson, type PlainObject } from '../smallFile.ts';
import { createTextEncoder, type EncodeTexts } from './textEncoder.ts';
import { namedTokens, specialTokenIds, type SpecialTokenIds } from './specialTokens.ts';
import { Tokenizer, type LibraryTokenizer } from './tokenizerLibrary.ts';
import { parseTokenizerDefinition, unsupported, type TokenizerDefinition } from './tokenizerDefinition.ts';

export interface CheckpointTokenizer extends SpecialTokenIds {
  /** Ends an answer in training; in an encoder's tokenizer the one that ends a text. */
  readonly eosTokenId: number;
  /**
   * Token ids of the text. Text that spells a special token becomes that token. `addSpecialTokens` adds what the
   * tokenizer puts around a text, such as a BOS token.
   * @throws ExpectedError `checkpoint/unknownToken` where a token is not in the model's vocabulary
   */
  encode(text: string, options: { readonly addSpecialTokens: boolean }): readonly number[];
  /** Tokens of a text or a pair as an encoder reads them; undefined for decoders. */
  readonly encodeTexts?: EncodeTexts;
  decode(ids: readonly number[], options: { readonly skipSpecialTokens: boolean }): string;
  isSpecialToken(id: number): boolean;
  /** No token of the vocabulary has a larger id; it may lie beyond the model's own vocabulary, unused. */
  readonly largestTokenId: number;
  /** The token as the vocabulary spells it; undefined where no token has this id. */
  tokenText(id: number): string | undefined;
  /** A conversation through the chat template; undefined where the checkpoint has none. */
  readonly renderChat: RenderChat | undefined;
}

export interface TokenizerOptions {
  /** The time that chat templates are told, so that the same conversation can be rendered the same again. */
  readonly templateTime: Date;
}

/**
 * Opens the tokenizer of a checkpoint folder.
 * @throws ExpectedError `checkpoint/noTokenizer`, `checkpoint/unsupportedTokenizer`, `checkpoint/noEosToken`,
 *   `checkpoint/chatTemplate`, `checkpoint/invalidFile`
 */
export async function openTokenizer(
  folder: string,
  { templateTime }: TokenizerOptions = { templateTime: new Date() },
): Promise<CheckpointTokenizer> {
  const file = join(folder, 'tokenizer.json');
  const { config } = await readModelConfig(folder);
  const json = await readOptionalPlainJson(file);
  if (json === undefined) throw await missingTokenizer(folder);
  const files = await readSpecialTokenFiles(folder);
  const definition = parseTokenizerDefinition(json, files.tokenizerConfig, file);
  const tokenizer = createTokenizer(definition, files.tokenizerConfig, file);
  const idOf = (text: string): number | undefined => idInside(tokenizer.token_to_id(text), config);
  const ids = specialTokenIds(files, config, idOf);
  const eosTokenId = ids.eosTokenId ?? (config.family === 'encoder' ? separatorOf(files, idOf) : undefined);
  if (eosTokenId === undefined) throw missingEos(folder);
  const template = await readChatTemplate(folder, files.tokenizerConfig);
  const specialIds = new Set(definition.addedTokens.filter(({ special }) => special).map(({ id }) => id));
  return {
    ...ids,
    eosTokenId,
    ...(config.family === 'encoder' ? { encodeTexts: textEncoder(tokenizer, config, file) } : {}),
    encode: (text, { addSpecialTokens }) => {
      const encoding = tokenizer.encode(text, { add_special_tokens: addSpecialTokens });
      checkIds(encoding, config, file);
      return encoding.ids;
    },
    decode: (tokenIds, { skipSpecialTokens }) =>
      tokenIds.length === 0 ? '' : tokenizer.decode([...tokenIds], { skip_special_tokens: skipSpecialTokens }),
    largestTokenId: (tokenizer.model?.vocab.length ?? 0) - 1,
    isSpecialToken: (id) => specialIds.has(id),
    tokenText: (id) => tokenizer.id_to_token(id),
    renderChat:
      template === undefined
        ? undefined
        : compileChatTemplate(template.text, namedTokens(files), templateTime, template.file),
  };
}

async function readSpecialTokenFiles(
  folder: string,
): Promise<Record<'tokenizerConfig' | 'specialTokensMap' | 'generationConfig', PlainObject>> {
  const read = async (name: string): Promise<PlainObject> => (await readOptionalPlainJson(join(folder, name))) ?? {};
  return {
    tokenizerConfig: await read('tokenizer_config.json'),
    specialTokensMap: await read('special_tokens_map.json'),
    generationConfig: await read('generation_config.json'),
  };
}

function createTokenizer(
  { json, modelType }: TokenizerDefinition,
  config: PlainObject,
  file: string,
): LibraryTokenizer {
  // As in transformers, the clean-up of spaces is off unless asked for, and never applies to BPE.
  const cleansUp = modelType !== 'BPE' && config['clean_up_tokenization_spaces'] === true;
  try {
    return new Tokenizer(json, { ...config, clean_up_tokenization_spaces: cleansUp });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw unsupported(file, reason, 'the common parts of Hugging Face tokenizers', error);
  }
}

/** The token behind a text, such as `[SEP]`. */
function separatorOf(
  files: Parameters<typeof namedTokens>[0],
  idOf: (text: string) => number | undefined,
): number | undefined {
  return idOf(namedTokens(files).sep_token ?? '[SEP]');
}

/** No text is longer than the model has positions for. */
function textEncoder(tokenizer: LibraryTokenizer, config: EncoderConfig, file: string): EncodeTexts {
  const encode = createTextEncoder(tokenizer, (token) => {
    const id = tokenizer.token_to_id(token) ?? tokenizer.model?.unk_token_id;
    checkIds({ ids: [id], tokens: [token] }, config, file);
    return id ?? 0;
  });
  return (texts, maxLength) => {
    const encoded = encode(texts, Math.min(maxLength, config.maxPositions));
    return config.typeCount > 1 ? encoded : { ...encoded, typeIds: undefined };
  };
}

function idInside(id: number | undefined, { vocabularySize }: ModelConfig): number | undefined {
  return id !== undefined && id < vocabularySize ? id : undefined;
}

/** The library gives no id for a token that is not in the vocabulary where there is no unknown token. */
function checkIds(
  { ids, tokens }: { readonly ids: readonly (number | undefined)[]; readonly tokens: readonly string[] },
  { vocabularySize }: ModelConfig,
  file: string,
): void {
  const index = ids.findIndex((id) => id === undefined || id >= vocabularySize);
  if (index === -1) return;
  const found = ids[index] === undefined ? 'no id' : `the id ${String(ids[index])}`;
  const problem = `the token ${JSON.stringify(tokens[index])} has ${found}, but the model's vocabulary ends at ${String(vocabularySize)}`;
  const fix = 'Remove this text from the data, or choose a checkpoint whose tokenizer knows it.';
  throw new ExpectedError('checkpoint/unknownToken', problem, fix, { file });
}

async function missingTokenizer(folder: string): Promise<ExpectedError> {
  const legacy = 'tokenizer.model';
  const hasLegacy = (await readdir(folder)).includes(legacy);
  const fix = hasLegacy
    ? `Make one of ${legacy} where transformers is installed, in this folder: python -c "from transformers import AutoTokenizer as T; T.from_pretrained('.').save_pretrained('.')"`
    : "Fetch tokenizer.json from the checkpoint's origin into this folder.";
  return new ExpectedError('checkpoint/noTokenizer', 'expected the tokenizer file, found none', fix, {
    file: join(folder, 'tokenizer.json'),
  });
}

function missingEos(folder: string): ExpectedError {
  const problem = 'no file names the token that ends a text (eos_token)';
  const fix = 'Add "eos_token" to tokenizer_config.json, such as "</s>".';
  return new ExpectedError('checkpoint/noEosToken', problem, fix, { file: join(folder, 'tokenizer_config.json') });
}
