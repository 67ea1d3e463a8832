/** Turns tokens into text as they come, without showing half a character or losing the space before a word. */

export interface TokenDecoder {
  decode(ids: readonly number[], options: { readonly skipSpecialTokens: boolean }): string;
}

/** What a decoder writes in place of bytes that are no whole character yet. */
const REPLACEMENT = '\ufffd';

/**
 * A token's text depends on those before it, so each piece is what the text of the last few tokens gained: it is told once
 * it ends with a whole character.
 */
export class TextStream {
  readonly #decoder: TokenDecoder;
  readonly #tokens: number[] = [];
  /** Tokens from here on are decoded anew; those of them before `#told` have been told. */
  #start = 0;
  #told = 0;
  #text = '';

  constructor(decoder: TokenDecoder) {
    this.#decoder = decoder;
  }

  /** All text told so far. */
  get text(): string {
    return this.#text;
  }

  /** The text that the token adds; empty where it only begins a character. */
  add(token: number): string {
    this.#tokens.push(token);
    return this.#advance(false);
  }

  /** What was held back, though it is no whole character. */
  finish(): string {
    return this.#advance(true);
  }

  #advance(isLast: boolean): string {
    const before = this.#decode(this.#start, this.#told);
    const after = this.#decode(this.#start, this.#tokens.length);
    if (after.length <= before.length || (after.endsWith(REPLACEMENT) && !isLast)) return '';
    const piece = after.slice(before.length);
    this.#start = this.#told;
    this.#told = this.#tokens.length;
    this.#text += piece;
    return piece;
  }

  #decode(from: number, to: number): string {
    return this.#decoder.decode(this.#tokens.slice(from, to), { skipSpecialTokens: true });
  }
}
