/** The arrays that go through the model at once: rows of examples, padded to one length, with their labels. */
import type { TokenizedExample } from '../tokenization.ts';

/** Row lengths are padded to a multiple of this, so that few different shapes occur. */
const LENGTH_MULTIPLE = 8;

/** In `segments`: this position is padding. */
export const PADDING_SEGMENT = -1;

/** B rows of T tokens, row by row: position t of row b is at b * T + t. Padding is at the right. */
export interface MicroBatch {
  /** B */
  readonly batchSize: number;
  /** T, a multiple of 8 */
  readonly sequenceLength: number;
  /** [B*T] */
  readonly tokenIds: Int32Array;
  /** [B*T] position of the token in its example, from 0; 0 for padding. */
  readonly positions: Int32Array;
  /**
   * [B*T] number of the example within its row, `PADDING_SEGMENT` for padding: a token may attend to earlier tokens of
   * its own segment only, of a labelled text to later ones as well. Null where no row holds more than one example, so that
   * causality alone does.
   */
  readonly segments: Int32Array | null;
  /** [B*T] kind of each token, 0 or 1 for the first and the second of two texts; absent where all are 0. */
  readonly typeIds?: Int32Array;
  /** [R] where a label is predicted: index b * T + t of the token before it, or of a text's first one; ascending. */
  readonly labelRows: Int32Array;
  /** [R] the token to predict there, or the number of the text's class. */
  readonly labels: Int32Array;
  /** [R] the value to predict of each text; absent where labels are classes or tokens. */
  readonly values?: Float32Array;
  /** Tokens without padding. */
  readonly tokenCount: number;
}

/** Lays rows of examples out as one micro-batch; a row of several examples is packed, each with positions from 0. */
export function collate(rows: readonly (readonly TokenizedExample[])[], padTokenId: number): MicroBatch {
  const lengths = rows.map((row) => row.reduce((sum, example) => sum + example.tokens.length, 0));
  const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
  const sequenceLength = Math.ceil(longest / LENGTH_MULTIPLE) * LENGTH_MULTIPLE;
  const size = rows.length * sequenceLength;
  const tokenIds = new Int32Array(size).fill(padTokenId);
  const positions = new Int32Array(size);
  const isPacked = rows.some((row) => row.length > 1);
  const hasTexts = rows.some((row) => row.some(({ target }) => target !== undefined));
  const segments = isPacked || hasTexts ? new Int32Array(size).fill(PADDING_SEGMENT) : null;
  const typeIds = hasTexts ? new Int32Array(size) : undefined;
  const labelRows: number[] = [];
  const labels: number[] = [];
  const values: number[] = [];
  for (const [b, row] of rows.entries()) {
    let at = b * sequenceLength;
    for (const [segment, { tokens, isLabel, target, typeIds: types }] of row.entries()) {
      tokenIds.set(tokens, at);
      if (types !== undefined) typeIds?.set(types, at);
      if (target !== undefined) {
        labelRows.push(at);
        labels.push('class' in target ? target.class : 0);
        if ('value' in target) values.push(target.value);
      }
      segments?.fill(segment, at, at + tokens.length);
      for (let t = 0; t < tokens.length; t += 1) {
        positions[at + t] = t;
        if (t === 0 || isLabel[t] !== 1) continue;
        labelRows.push(at + t - 1);
        labels.push(tokens[t] ?? 0);
      }
      at += tokens.length;
    }
  }
  return {
    batchSize: rows.length,
    sequenceLength,
    tokenIds,
    positions,
    segments,
    labelRows: Int32Array.from(labelRows),
    labels: Int32Array.from(labels),
    ...(typeIds === undefined ? {} : { typeIds }),
    ...(values.length === 0 ? {} : { values: Float32Array.from(values) }),
    tokenCount: lengths.reduce((a, b) => a + b, 0),
  };
}
