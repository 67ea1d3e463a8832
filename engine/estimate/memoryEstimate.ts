/** The memory of a training run by part, predicted from the configuration and from the lifetimes of values in its graphs. */
import type { DecoderConfig } from '../checkpoint/decoderConfig.ts';
import { expectedTensors } from '../checkpoint/decoderConfig.ts';
import { elementsOf, peakLiveBytes, type DimensionSizes } from '../graph/liveness.ts';
import { layerBackward, layerForward, type NamedGraph, type SavedActivations } from '../model/layerGraphs.ts';
import { wholeGraph } from '../model/wholeGraph.ts';
import type { DeltaLayout } from '../training/deltaLayout.ts';

/** How a run executes: one of the two plans with its own dial. */
export type PlanChoice =
  | { readonly plan: 'layered'; readonly savedActivations: SavedActivations }
  | { readonly plan: 'wholeGraph'; readonly headChunks: number };

/** Bytes by part. */
export interface MemoryEstimate {
  readonly weights: number;
  /** What a step keeps and computes with, the head left out. */
  readonly activations: number;
  /** Logits and probabilities of a chunk of labelled rows. */
  readonly head: number;
  /** Deltas, gradients, optimizer state, frozen values, indices. */
  readonly deltas: number;
  /** The process itself: JavaScript, the runtime's code, tokenizer, what allocators keep back. */
  readonly overhead: number;
  readonly total: number;
}

/** Assumed, not calibrated yet: a process that has loaded the runtime and a tokenizer. */
const PROCESS_BYTES = 190e6;
/** Arrays of 4 bytes per delta: value, last good value, gradient, two moments, frozen value, index, position, buffer. */
const BYTES_PER_DELTA = 9 * 4;
/** Rows of labels that the layered plan's head computes at once. */
const HEAD_ROWS = 256;
/** Assumed, not calibrated yet: the arena's share of memory that holds no live value. */
const ARENA_SLACK = 1.15;

/**
 * @param rows rows of the largest micro-batch
 * @param length tokens of each
 */
export function estimateMemory(
  config: DecoderConfig,
  layout: DeltaLayout,
  choice: PlanChoice,
  rows: number,
  length: number,
): MemoryEstimate {
  const sizes = dimensionSizes(config, rows, length);
  const weights = expectedTensors(config).reduce((total, { shape }) => total + elementsOf(shape, {}) * 4, 0);
  const deltas = layout.size * BYTES_PER_DELTA;
  const isLayered = choice.plan === 'layered';
  const headRows = isLayered ? Math.min(HEAD_ROWS, rows * length) : Math.ceil((rows * length) / choice.headChunks);
  const head = headRows * config.vocabularySize * 4 * 2;
  const activations = isLayered
    ? layeredActivations(config, layout, choice.savedActivations, sizes)
    : wholeGraphActivations(config, layout, choice.headChunks, sizes) - head;
  const total = weights + activations + head + deltas + PROCESS_BYTES;
  return { weights, activations, head, deltas, overhead: PROCESS_BYTES, total };
}

/** Sizes of every named dimension that occurs in a decoder's graphs. */
function dimensionSizes(config: DecoderConfig, batch: number, sequence: number): DimensionSizes {
  return {
    batch,
    sequence,
    group: config.headCount / config.keyValueHeadCount,
    positions: sequence,
    rows: Math.min(HEAD_ROWS, batch * sequence),
  };
}

function layeredActivations(
  config: DecoderConfig,
  layout: DeltaLayout,
  saved: SavedActivations,
  sizes: DimensionSizes,
): number {
  const forward = layerForward(config, {}, saved);
  const hiddenBytes = elementsOf(['batch', 'sequence', config.hiddenSize], sizes) * 4;
  const outputBytes = [...forward.outputs.values()].reduce(
    (total, { shape }) => total + elementsOf(shape, sizes) * 4,
    0,
  );
  const keptPerLayer = outputBytes;
  const largest = layout.layers.reduce((a, b) => (Object.keys(a).length >= Object.keys(b).length ? a : b), {});
  const working = livePeak(forward, sizes) + livePeak(layerBackward(config, largest, saved), sizes);
  return keptPerLayer * config.layerCount + 3 * hiddenBytes + working * ARENA_SLACK;
}

function wholeGraphActivations(
  config: DecoderConfig,
  layout: DeltaLayout,
  headChunks: number,
  sizes: DimensionSizes,
): number {
  const rows = Math.ceil(((sizes['batch'] ?? 0) * (sizes['sequence'] ?? 0)) / headChunks);
  const chunkSizes = Object.fromEntries(
    Array.from({ length: headChunks }, (_, chunk) => [`rows${String(chunk)}`, rows]),
  );
  return livePeak(wholeGraph(config, layout.layers, headChunks), { ...sizes, ...chunkSizes }) * ARENA_SLACK;
}

function livePeak({ graph, outputs, given }: NamedGraph, sizes: DimensionSizes): number {
  return peakLiveBytes(graph, outputs.values(), sizes, given);
}
