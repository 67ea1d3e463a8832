/** Generation as text: tokens are told as text while they come, and stop sequences are obeyed. */
import type { Decoder } from '../inference/decoder.ts';
import { generate } from './generation.ts';
import type { Ending, GenerationListener, GenerationOptions } from './contract.ts';
import type { GeneratedToken } from './sequence.ts';
import { TextStream, type TokenDecoder } from './textStream.ts';

export interface TextGenerationOptions extends GenerationOptions {
  /** Each of them ends a text, which then ends before it. */
  readonly stopSequences: readonly string[];
}

export interface GeneratedText {
  readonly text: string;
  readonly tokenCount: number;
  readonly ending: Ending;
}

export interface TextListener {
  /** @param piece the text that the token adds, perhaps none */
  readonly onToken?: (token: GeneratedToken, piece: string) => void;
  readonly onEnd?: (prompt: number, generated: GeneratedText) => void;
  readonly signal?: AbortSignal;
}

/** The text that follows each prompt, special tokens left out. */
export async function generateTexts(
  decoder: Decoder,
  tokenizer: TokenDecoder,
  prompts: readonly Int32Array[],
  options: TextGenerationOptions,
  listener: TextListener = {},
): Promise<readonly GeneratedText[]> {
  const results: GeneratedText[] = [];
  const ended: TextListener = {
    ...listener,
    onEnd(prompt, generated) {
      results[prompt] = generated;
      listener.onEnd?.(prompt, generated);
    },
  };
  await generate(decoder, prompts, options, textListener(tokenizer, prompts.length, options.stopSequences, ended));
  return results;
}

/** A listener of tokens that tells text, and stops a sequence where its text holds a stop sequence. */
export function textListener(
  tokenizer: TokenDecoder,
  promptCount: number,
  stopSequences: readonly string[],
  listener: TextListener,
): GenerationListener {
  const streams = Array.from({ length: promptCount }, () => new TextStream(tokenizer));
  const streamOf = (prompt: number): TextStream => {
    const stream = streams[prompt];
    if (stream === undefined) throw new Error(`there is no prompt ${String(prompt)}`);
    return stream;
  };
  return {
    ...(listener.signal === undefined ? {} : { signal: listener.signal }),
    onToken(token) {
      const stream = streamOf(token.prompt);
      const piece = stream.add(token.token);
      listener.onToken?.(token, piece);
      return stopPlace(stream.text, stopSequences) === undefined ? undefined : 'stop';
    },
    onEnd(prompt, { tokens, ending }) {
      const stream = streamOf(prompt);
      stream.finish();
      const text = stream.text.slice(0, stopPlace(stream.text, stopSequences));
      listener.onEnd?.(prompt, { text, tokenCount: tokens.length, ending });
    },
  };
}

/** Where the first stop sequence begins; undefined where there is none. */
function stopPlace(text: string, stopSequences: readonly string[]): number | undefined {
  const places = stopSequences.map((stop) => text.indexOf(stop)).filter((place) => place >= 0);
  return places.length === 0 ? undefined : Math.min(...places);
}
