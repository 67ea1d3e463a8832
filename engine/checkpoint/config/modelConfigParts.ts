/** What the parsers of all families of models share: token ids, options that must be off, and what has no effect. */
import { isDeepStrictEqual } from 'node:util';
import { invalidConfig, isAbsent, unsupportedOption, type ConfigFields, type JsonObject } from './configFields.ts';
import type { StrictJson } from '../strictJson.ts';

/** A configuration and what the user should know about fields that had no effect. */
export interface ParsedConfig<Config> {
  readonly config: Config;
  readonly warnings: readonly string[];
}

/** More layers than any model has; keeps a hostile number from driving allocations. */
const LAYER_LIMIT = 10_000;

export function parseLayerCount(fields: ConfigFields, key: string, defaultCount: number): number {
  const layerCount = fields.positiveInteger(key, defaultCount);
  if (layerCount <= LAYER_LIMIT) return layerCount;
  throw invalidConfig(fields.file, key, `at most ${String(LAYER_LIMIT)}`, layerCount);
}

/**
 * Refuses what would change the computation.
 *
 * @param switchedOff keys, each with the values that switch it off; null always does
 * @throws ExpectedError `checkpoint/unsupportedOption`
 */
export function checkSwitchedOff(
  fields: ConfigFields,
  json: JsonObject,
  switchedOff: ReadonlyMap<string, readonly StrictJson[]>,
): void {
  for (const [key, offValues] of switchedOff) {
    if (!json.has(key)) continue;
    const value = fields.raw(key);
    if (isAbsent(value) || offValues.some((off) => isDeepStrictEqual(off, value))) continue;
    const supported = ['no value', ...offValues.map((off) => JSON.stringify(off))].join(' or ');
    throw unsupportedOption(fields.file, key, value, supported);
  }
}

/** Warnings of the fields that nobody read. */
export function ignoredFields(
  fields: ConfigFields,
  harmless: ReadonlySet<string>,
  modelType: string,
): readonly string[] {
  return fields
    .unreadKeys()
    .filter((key) => !harmless.has(key) && !isAbsent(fields.raw(key)))
    .map((key) => `${key} is not a field of ${modelType} and is ignored`);
}

/** Warnings of dropouts: training here is deterministic. */
export function unappliedDropouts(fields: ConfigFields, keys: readonly string[]): readonly string[] {
  return keys.flatMap((key) => {
    const value = fields.raw(key);
    return isAbsent(value) || value === 0 ? [] : [`${key} ${JSON.stringify(value)} is not applied in training`];
  });
}

export interface TokenIds {
  readonly bosTokenId: number | null;
  readonly eosTokenIds: readonly number[];
  readonly padTokenId: number | null;
}

/** The ids inside the vocabulary; a warning for each other. */
export function parseTokenIds(
  fields: ConfigFields,
  defaults: Pick<TokenIds, 'bosTokenId' | 'eosTokenIds'> & Partial<TokenIds>,
  vocabularySize: number,
  warnings: string[],
): TokenIds {
  const ids = (key: string, absent: readonly number[]): readonly number[] => {
    const value = fields.raw(key);
    if (value === undefined) return absent;
    const list = value === null ? [] : Array.isArray(value) ? (value as readonly unknown[]) : [value];
    return list.filter((id): id is number => {
      if (!Number.isSafeInteger(id)) throw invalidConfig(fields.file, key, 'a token id', value);
      const isInside = (id as number) >= 0 && (id as number) < vocabularySize;
      if (!isInside) warnings.push(`${key} ${String(id)} is outside the vocabulary and is ignored`);
      return isInside;
    });
  };
  const listOf = (id: number | null | undefined): readonly number[] => (id === null || id === undefined ? [] : [id]);
  return {
    bosTokenId: ids('bos_token_id', listOf(defaults.bosTokenId))[0] ?? null,
    eosTokenIds: ids('eos_token_id', defaults.eosTokenIds),
    padTokenId: ids('pad_token_id', listOf(defaults.padTokenId))[0] ?? null,
  };
}
