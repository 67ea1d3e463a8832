/** What the data layer needs of a checkpoint's tokenizer. */
import type { EncodeTexts } from '../checkpoint/tokenizer/textEncoder.ts';
import type { Message } from './messages.ts';

export interface DataTokenizer {
  /**
   * Token ids of the text. Text that spells a special token becomes that token, as in Hugging Face tokenizers.
   * `addSpecialTokens` adds what the tokenizer's post-processor puts around a text, such as a BOS token.
   */
  encode(text: string, options: { readonly addSpecialTokens: boolean }): readonly number[];
  /** The token that ends an answer. */
  readonly eosTokenId: number;
  isSpecialToken(id: number): boolean;
  /** Tokens of a text or a pair as an encoder reads them; absent where the model writes text. */
  readonly encodeTexts?: EncodeTexts | undefined;
  /** The conversation through the checkpoint's chat template; absent where the checkpoint has none. */
  readonly renderChat?:
    ((messages: readonly Message[], options: { readonly addGenerationPrompt: boolean }) => string) | undefined;
}
