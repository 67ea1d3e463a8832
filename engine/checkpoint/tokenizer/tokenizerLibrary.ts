/** The tokenizer library behind the types that this engine uses: the package's own declarations do not resolve in ES modules. */
import * as library from '@huggingface/tokenizers';

export interface LibraryTokenizer {
  readonly model: { readonly vocab: readonly string[]; readonly unk_token_id?: number | undefined } | null;
  /** Frames tokens of one text, or of two, with special tokens. */
  readonly post_processor:
    | ((
        first: string[],
        second: string[] | null,
        addSpecialTokens: boolean,
      ) => { readonly tokens: readonly string[]; readonly token_type_ids?: readonly number[] | undefined })
    | null;
  tokenize(text: string, options: { readonly add_special_tokens: boolean }): readonly string[];
  encode(
    text: string,
    options: { readonly add_special_tokens: boolean },
  ): { readonly ids: readonly number[]; readonly tokens: readonly string[] };
  decode(ids: number[], options: { readonly skip_special_tokens: boolean }): string;
  token_to_id(token: string): number | undefined;
  id_to_token(id: number): string | undefined;
}

type TokenizerConstructor = new (definition: object, config: object) => LibraryTokenizer;

export const Tokenizer = (library as unknown as { readonly Tokenizer: TokenizerConstructor }).Tokenizer;
