/** The special tokens that a checkpoint names, gathered from all the files that may name them. */
import type { ModelConfig } from '../config/modelConfig.ts';
import { isPlainObject, type PlainObject } from '../smallFile.ts';

const NAMES = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'] as const;
type TokenName = (typeof NAMES)[number];

export interface SpecialTokenFiles {
  readonly tokenizerConfig: PlainObject;
  readonly specialTokensMap: PlainObject;
  readonly generationConfig: PlainObject;
}

/** Named tokens by their name in chat templates; tokenizer_config.json goes before special_tokens_map.json. */
export function namedTokens({
  tokenizerConfig,
  specialTokensMap,
}: Omit<SpecialTokenFiles, 'generationConfig'>): Readonly<Partial<Record<TokenName, string>>> {
  const entries = NAMES.map((name) => [name, tokenText(tokenizerConfig[name]) ?? tokenText(specialTokensMap[name])]);
  return Object.fromEntries(entries.filter(([, text]) => text !== undefined)) as Partial<Record<TokenName, string>>;
}

export interface SpecialTokenIds {
  readonly bosTokenId: number | null;
  readonly padTokenId: number | null;
  /** Ends an answer in training; undefined where no file names one. */
  readonly eosTokenId: number | undefined;
  /** Each of them ends a generation. */
  readonly eosTokenIds: readonly number[];
  readonly warnings: readonly string[];
}

/**
 * Ids as transformers uses them: generation stops at those of generation_config.json, or else config.json. The token
 * that ends answers is the tokenizer's, if generation would stop at it.
 * @param idOf id of a token's text; undefined where the vocabulary has none
 */
export function specialTokenIds(
  files: SpecialTokenFiles,
  config: ModelConfig,
  idOf: (text: string) => number | undefined,
): SpecialTokenIds {
  const { bos_token: bos, eos_token: eos, pad_token: pad } = namedTokens(files);
  const generation = (name: string): readonly number[] => idList(files.generationConfig[name], config.vocabularySize);
  const named = (text: string | undefined): number | undefined => (text === undefined ? undefined : idOf(text));
  const configured = generation('eos_token_id').length > 0 ? generation('eos_token_id') : config.eosTokenIds;
  const tokenizerEos = named(eos);
  const eosTokenIds = configured.length > 0 || tokenizerEos === undefined ? configured : [tokenizerEos];
  const isStop = tokenizerEos !== undefined && eosTokenIds.includes(tokenizerEos);
  return {
    bosTokenId: named(bos) ?? generation('bos_token_id')[0] ?? config.bosTokenId,
    padTokenId: named(pad) ?? generation('pad_token_id')[0] ?? config.padTokenId,
    eosTokenId: isStop ? tokenizerEos : eosTokenIds[0],
    eosTokenIds,
    warnings:
      isStop || eos === undefined || eosTokenIds.length === 0
        ? []
        : [
            `the tokenizer's eos_token ${JSON.stringify(eos)} does not end a generation by generation_config.json; ` +
              `answers end with token ${String(eosTokenIds[0])} instead`,
          ],
  };
}

function tokenText(value: unknown): string | undefined {
  const text = isPlainObject(value) ? value['content'] : value;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function idList(value: unknown, vocabularySize: number): readonly number[] {
  const list: readonly unknown[] = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  return list.filter(
    (id): id is number => Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < vocabularySize,
  );
}
