/** Tokens of one text or of a pair of texts as an encoder reads them, framed as the tokenizer's post-processor says. */
import type { LibraryTokenizer } from './tokenizerLibrary.ts';

export interface EncodedTexts {
  readonly ids: readonly number[];
  /** 0 or 1 for each id, as the post-processor says; undefined where it says nothing. */
  readonly typeIds: readonly number[] | undefined;
  /** Tokens of both texts that were cut off. */
  readonly cut: number;
}

/** @param maxLength most tokens, those of the frame included */
export type EncodeTexts = (texts: readonly [string, string?], maxLength: number) => EncodedTexts;

/**
 * Of a pair that is too long, the longer text loses its end until both fit (`longest_first`), as in transformers.
 *
 * @param idOf the id of a token, perhaps of the unknown one
 */
export function createTextEncoder(tokenizer: LibraryTokenizer, idOf: (token: string) => number): EncodeTexts {
  const bare = (text: string): readonly string[] => tokenizer.tokenize(text, { add_special_tokens: false });
  return ([first, second], maxLength) => {
    const parts = second === undefined ? [bare(first)] : [bare(first), bare(second)];
    const frame = framed(tokenizer, parts).tokens.length - parts.reduce((sum, part) => sum + part.length, 0);
    const kept = longestFirst(parts, Math.max(0, maxLength - frame));
    const { tokens, token_type_ids: typeIds } = framed(tokenizer, kept);
    const cut = parts.reduce((sum, part, index) => sum + part.length - (kept[index]?.length ?? 0), 0);
    return { ids: tokens.map(idOf), typeIds, cut };
  };
}

interface Framed {
  readonly tokens: readonly string[];
  readonly token_type_ids?: readonly number[] | undefined;
}

function framed({ post_processor: postProcessor }: LibraryTokenizer, parts: readonly (readonly string[])[]): Framed {
  const [first = [], second = null] = parts;
  if (postProcessor === null) return { tokens: parts.flat() };
  return postProcessor([...first], second === null ? null : [...second], true);
}

function longestFirst(parts: readonly (readonly string[])[], room: number): readonly (readonly string[])[] {
  const [first = [], second] = parts;
  if (second === undefined) return [first.slice(0, room)];
  if (first.length + second.length <= room) return parts;
  const shorter = Math.min(first.length, second.length, Math.floor(room / 2));
  const isFirstLonger = first.length > second.length;
  const [a, b] = isFirstLonger ? [room - shorter, shorter] : [shorter, room - shorter];
  return [first.slice(0, a), second.slice(0, b)];
}
