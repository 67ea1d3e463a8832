/** Turns a rendered example into tokens and says which of them are to be predicted. */
import type { TextSpan } from './conversation.ts';
import type { DataTokenizer } from './dataTokenizer.ts';
import type { RecordPlace } from './formats/record.ts';
import type { RenderedExample } from './template.ts';
import type { TextTarget } from './texts/textLabels.ts';

export interface TokenizedExample {
  readonly tokens: Int32Array;
  /** 1 where this token is to be predicted from those before it; never so for the first one. */
  readonly isLabel: Uint8Array;
  readonly place: RecordPlace;
  /** Of a labelled text: what is predicted of it, from its first token. */
  readonly target?: TextTarget;
  /** Of a labelled text: the text, or both of a pair. */
  readonly texts?: readonly [string, string?];
  /** Of a labelled text: 0 or 1 for each token of the first and the second of a pair; absent where all are 0. */
  readonly typeIds?: Uint8Array;
}

export interface Tokens {
  readonly ids: readonly number[];
  readonly isLabel: readonly boolean[];
}

/** Tokenizes rendered examples and prompts of one checkpoint. */
export interface ExampleEncoder {
  /**
   * The whole example. Spans are tokenized one by one, so that the tokens before an answer are exactly those that the
   * model sees when it generates that answer; where no token would straddle the border this is the same as tokenizing
   * the whole text and masking the prompt's tokens, as the official code does. The tokenizer's BOS comes first unless
   * a chat template wrote it; the EOS token follows the last answer unless that ends with it, or with the chat
   * template's end-of-turn token, already.
   * What comes after the last answer is left out, since nothing is learnt from it.
   */
  readonly encodeExample: (rendered: RenderedExample, trainOnPrompt: boolean) => Tokens;
  /** A prompt for generation: the same tokens as in front of the example's last answer. */
  readonly encodePrompt: (prompt: RenderedExample) => readonly number[];
}

export function createExampleEncoder(tokenizer: DataTokenizer): ExampleEncoder {
  const leading = leadingSpecialTokens(tokenizer);
  const encodeContinuation = createContinuationEncoder(tokenizer);
  const encodeSpans = (rendered: RenderedExample, isLabel: (span: TextSpan) => boolean): Tokens => {
    const ids = rendered.hasSpecialTokens ? [] : [...leading];
    const labels = ids.map(() => false);
    let isFirst = true;
    for (const span of rendered.spans) {
      if (span.text === '') continue;
      const added = isFirst ? tokenizer.encode(span.text, { addSpecialTokens: false }) : encodeContinuation(span.text);
      isFirst = false;
      for (const id of added) {
        ids.push(id);
        labels.push(isLabel(span));
      }
    }
    return { ids, isLabel: labels };
  };
  return {
    encodeExample: (rendered, trainOnPrompt) => {
      const lastAnswer = rendered.spans.findLastIndex((span) => span.isAnswer);
      const learnt = { ...rendered, spans: rendered.spans.slice(0, lastAnswer + 1) };
      const { ids, isLabel } = encodeSpans(learnt, (span) => trainOnPrompt || span.isAnswer);
      const last = ids.at(-1);
      const isEnded =
        last !== undefined &&
        (rendered.hasSpecialTokens ? tokenizer.isSpecialToken(last) : last === tokenizer.eosTokenId);
      const ended = isEnded ? { ids, isLabel } : { ids: [...ids, tokenizer.eosTokenId], isLabel: [...isLabel, true] };
      return { ids: ended.ids, isLabel: ended.isLabel.map((value, index) => value && index > 0) };
    },
    encodePrompt: (prompt) => encodeSpans(prompt, () => false).ids,
  };
}

/** What the tokenizer puts in front of a text; what it puts behind is not used, since the EOS is placed here. */
function leadingSpecialTokens(tokenizer: DataTokenizer): readonly number[] {
  const bare = tokenizer.encode('a', { addSpecialTokens: false });
  const framed = tokenizer.encode('a', { addSpecialTokens: true });
  const start = framed.findIndex((_, at) => bare.every((id, index) => framed[at + index] === id));
  return framed.slice(0, Math.max(0, start));
}

/**
 * Tokenizes a text that follows another. Sentencepiece tokenizers put a space before the first word of whatever they
 * are given; behind a line break they do not, so the text is tokenized behind one whose tokens are then taken off.
 * Where the text's beginning would merge with the line break (byte-level tokenizers, which add no space) it stands alone.
 */
function createContinuationEncoder(tokenizer: DataTokenizer): (text: string) => readonly number[] {
  const lineBreak = tokenizer.encode('\n', { addSpecialTokens: false });
  return (text) => {
    const behind = tokenizer.encode(`\n${text}`, { addSpecialTokens: false });
    const isWhole = lineBreak.every((id, index) => behind[index] === id);
    return isWhole ? behind.slice(lineBreak.length) : tokenizer.encode(text, { addSpecialTokens: false });
  };
}
