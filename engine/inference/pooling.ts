/** How the hidden states of a text become the one that is classified, and how the gradient of it goes back. */
import type { EncoderConfig } from '../checkpoint/config/encoderConfig.ts';
import { CLASSIFIER_NAMES } from '../model/encoder/classifierGraph.ts';
import { float32Tensor, type HostTensor } from '../runtime/tensor.ts';
import type { TokenRows } from './sharedFeeds.ts';

export interface Pooling {
  /** The hidden states that the head reads, of those of all tokens [B*T, hidden], and how it pools them. */
  feeds(hidden: Float32Array): Record<string, HostTensor>;
  /** Writes the gradient of what the head read to its place in `gradHidden` [B*T, hidden], and zeros elsewhere. */
  scatter(gradient: Float32Array, gradHidden: Float32Array): void;
}

/** @param starts the position b * T + t of each text's first token */
export function poolingOf(config: EncoderConfig, rows: TokenRows, starts: Int32Array): Pooling {
  return config.classifier.pooling === 'first'
    ? firstTokens(config.hiddenSize, starts)
    : meanOfTokens(config.hiddenSize, rows, starts);
}

function firstTokens(width: number, starts: Int32Array): Pooling {
  return {
    feeds(hidden) {
      const gathered = new Float32Array(starts.length * width);
      starts.forEach((row, text) => {
        gathered.set(hidden.subarray(row * width, (row + 1) * width), text * width);
      });
      return { [CLASSIFIER_NAMES.hidden]: float32Tensor(gathered, [starts.length, width]) };
    },
    scatter(gradient, gradHidden) {
      gradHidden.fill(0);
      starts.forEach((row, text) => {
        gradHidden.set(gradient.subarray(text * width, (text + 1) * width), row * width);
      });
    },
  };
}

function meanOfTokens(width: number, rows: TokenRows, starts: Int32Array): Pooling {
  const count = rows.tokenIds.length;
  const shares = new Float32Array(starts.length * count);
  starts.forEach((start, text) => {
    const length = textLength(rows, start);
    shares.fill(1 / length, text * count + start, text * count + start + length);
  });
  return {
    feeds: (hidden) => ({
      [CLASSIFIER_NAMES.hidden]: float32Tensor(hidden, [count, width]),
      [CLASSIFIER_NAMES.pooling]: float32Tensor(shares, [starts.length, count]),
    }),
    scatter(gradient, gradHidden) {
      gradHidden.set(gradient);
    },
  };
}

/** Tokens of the text that begins at `start`. */
function textLength({ segments, sequenceLength }: TokenRows, start: number): number {
  const end = (Math.floor(start / sequenceLength) + 1) * sequenceLength;
  if (segments === null) return end - start;
  let at = start;
  while (at < end && segments[at] === segments[start]) at += 1;
  return at - start;
}
