/** The first hidden state of an encoder: rows of the token, position and kind tables, added up and normed. */
import type { EncoderWeights } from '../model/weights/encoderWeights.ts';
import type { TokenRows } from './sharedFeeds.ts';

/**
 * Writes each token's normed embedding into `into` [tokens, hidden]. Nothing is trained below, so no graph is needed.
 *
 * @throws RangeError where a token, position or kind is outside of its table
 */
export function embedForEncoder(
  { config, embeddings }: EncoderWeights,
  { tokenIds, positions, typeIds }: TokenRows,
  into: Float32Array,
): void {
  const { hiddenSize, vocabularySize, typeCount, normEpsilon } = config;
  const { tokens, normWeight, normBias } = embeddings;
  const offset = config.positions.kind === 'learned' ? config.positions.offset : 0;
  for (let token = 0; token < tokenIds.length; token++) {
    const row = into.subarray(token * hiddenSize, (token + 1) * hiddenSize);
    row.fill(0);
    addRow(row, tokens, tokenIds[token] ?? -1, vocabularySize, 'token');
    if (embeddings.positions !== undefined) {
      const rows = embeddings.positions.length / hiddenSize;
      addRow(row, embeddings.positions, (positions[token] ?? -1) + offset, rows, 'position');
    }
    if (embeddings.types !== undefined) addRow(row, embeddings.types, typeIds?.[token] ?? 0, typeCount, 'kind');
    normalize(row, normWeight, normBias, normEpsilon);
  }
}

function addRow(into: Float32Array, table: Float32Array, index: number, rows: number, what: string): void {
  if (index < 0 || index >= rows)
    throw new RangeError(`${what} ${String(index)} is outside of a table of ${String(rows)}`);
  const start = index * into.length;
  for (let i = 0; i < into.length; i++) into[i] = (into[i] ?? 0) + (table[start + i] ?? 0);
}

/** Layer normalisation in place, statistics in double precision. */
function normalize(row: Float32Array, weight: Float32Array, bias: Float32Array | undefined, epsilon: number): void {
  let sum = 0;
  for (const value of row) sum += value;
  const mean = sum / row.length;
  let squares = 0;
  for (const value of row) squares += (value - mean) ** 2;
  const scale = 1 / Math.sqrt(squares / row.length + epsilon);
  for (let i = 0; i < row.length; i++) {
    row[i] = ((row[i] ?? 0) - mean) * scale * (weight[i] ?? 0) + (bias?.[i] ?? 0);
  }
}
