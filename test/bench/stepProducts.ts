/** The matrix products of one training step, by shape and number: the work that no way of executing the step can avoid. */
import type { DecoderConfig } from '../../engine/checkpoint/config/decoderConfig.ts';

/** `batch` products [rows, inner] x [inner, columns], computed `count` times in a step. */
export interface Product {
  readonly batch: number;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly count: number;
}

/** Rows of labels whose logits exist at a time. */
const HEAD_ROWS = 256;

/**
 * For each layer the forward and input-gradient products of the linear layers and the two forward and four backward
 * products of attention, all over the full sequence; and the head's logits and input gradient. The lowest layer's input
 * needs no gradient. Products of delta gradients are not counted, however they are computed.
 *
 * @param isRecomputing whether the backward pass computes the forward products again that its gradients depend on: all
 *   but the layer's last
 */
export function stepProducts(
  config: DecoderConfig,
  batchSize: number,
  length: number,
  isRecomputing: boolean,
): readonly Product[] {
  const { layerCount, hiddenSize, intermediateSize, headSize, vocabularySize, headCount, keyValueHeadCount } = config;
  const tokens = batchSize * length;
  const queryRows = headCount * headSize;
  const stackedRows = queryRows + 2 * keyValueHeadCount * headSize;
  const forwardRuns = layerCount * (isRecomputing ? 2 : 1);
  const linear = (out: number, inner: number, forward: number, backward: number): Product[] => [
    { batch: 1, rows: tokens, inner, columns: out, count: forward },
    { batch: 1, rows: tokens, inner: out, columns: inner, count: backward },
  ];
  const group = (headCount / keyValueHeadCount) * length;
  const attention = { batch: batchSize * keyValueHeadCount };
  const headChunks = Math.ceil(tokens / HEAD_ROWS);
  return [
    ...linear(stackedRows, hiddenSize, forwardRuns, layerCount - 1),
    ...linear(hiddenSize, queryRows, forwardRuns, layerCount),
    ...linear(intermediateSize, hiddenSize, 2 * forwardRuns, 2 * layerCount),
    ...linear(hiddenSize, intermediateSize, layerCount, layerCount),
    // Scores Q K^T and the gradient of the probabilities, dO V^T.
    { ...attention, rows: group, inner: headSize, columns: length, count: forwardRuns + layerCount },
    // The output P V and the gradient of the queries, dS K.
    { ...attention, rows: group, inner: length, columns: headSize, count: forwardRuns + layerCount },
    // The gradients of keys and values, dS^T Q and P^T dO.
    { ...attention, rows: length, inner: group, columns: headSize, count: 2 * layerCount },
    { batch: 1, rows: HEAD_ROWS, inner: hiddenSize, columns: vocabularySize, count: headChunks },
    { batch: 1, rows: HEAD_ROWS, inner: vocabularySize, columns: hiddenSize, count: headChunks },
  ];
}
