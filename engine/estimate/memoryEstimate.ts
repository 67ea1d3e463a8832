/** The memory of a training run by part, predicted from the configuration and from the lifetimes of values in its graphs. */
import type { DecoderConfig } from '../checkpoint/decoderConfig.ts';
import { requireDecoder, type ModelConfig } from '../checkpoint/modelConfig.ts';
import { elementsOf, peakLiveBytes, type DimensionSizes } from '../graph/liveness.ts';
import type { Shape } from '../graph/shape.ts';
import { lossBlockEntries } from '../inference/head.ts';
import { layerBackward, layerForward, type NamedGraph, type SavedActivations } from '../model/layerGraphs.ts';
import { layerKind } from '../model/modelParameters.ts';
import { wholeGraph } from '../model/wholeGraph.ts';
import { TABLE_BLOCK_BYTES } from '../model/storedTable.ts';
import type { WeightSizes } from '../model/storedWeights.ts';
import type { WeightStorage } from '../protocol/configuration.ts';
import type { TrainableLayout } from '../training/trainableLayout.ts';

/** How a run executes: one of the two plans with its own dial. */
export type PlanChoice =
  | { readonly plan: 'layered'; readonly savedActivations: SavedActivations; readonly weights: WeightStorage }
  | { readonly plan: 'wholeGraph'; readonly headChunks: number };

/** Bytes by part. */
export interface MemoryEstimate {
  readonly weights: number;
  /** What a step keeps and computes with, the head left out. */
  readonly activations: number;
  /** Logits of the labelled rows that are computed at a time. */
  readonly head: number;
  /** Deltas, gradients, optimizer state, frozen values, indices. */
  readonly deltas: number;
  /** The process itself: JavaScript, the runtime's code, tokenizer, what allocators keep back. */
  readonly overhead: number;
  readonly total: number;
}

/**
 * Measured: the peak of resident memory of whole runs on Linux x64 over three model shapes, both plans, all savings, 128
 * to 2048 tokens at once and k from 1 to 20, fitted by least squares; `test/bench/programs/estimate.ts` repeats it.
 */
const MEASURED = {
  /** A process that has loaded the runtime, a tokenizer and examples. */
  processBytes: 190e6,
  /** Memory of a layered session's arena by live byte: it reuses its pieces whole, or not at all. */
  layeredArena: 1.5,
  /** The same for the session of the whole graph, whose largest values stay alive anyway. */
  wholeGraphArena: 1.06,
  /** The same for logits. */
  headArena: 1.2,
  /** Memory of what layers keep, by its bytes. */
  kept: 1.25,
} as const;

/** Arrays of 4 bytes per delta: value, last good value, gradient, two moments, frozen value, index, position, buffer. */
const BYTES_PER_DELTA = 9 * 4;
/** Rows of labels that the layered plan's head computes at once. */
const HEAD_ROWS = 256;

/**
 * @param rows rows of the largest micro-batch
 * @param length tokens of each
 */
export function estimateMemory(
  config: ModelConfig,
  weightSizes: WeightSizes,
  layout: TrainableLayout,
  choice: PlanChoice,
  rows: number,
  length: number,
): MemoryEstimate {
  const sizes = dimensionSizes(config, rows, length);
  const weights = weightMemory(config, weightSizes, choice.plan === 'layered' ? choice.weights : 'float32');
  const deltas = layout.size * BYTES_PER_DELTA;
  const step =
    choice.plan === 'layered'
      ? layeredStep(config, layout, choice.savedActivations, sizes)
      : wholeGraphStep(requireDecoder(config, '', 'the whole-graph plan'), layout, choice.headChunks, sizes);
  const overhead = MEASURED.processBytes;
  const total = weights + step.activations + step.head + deltas + overhead;
  return { weights, ...step, deltas, overhead, total };
}

/** Weights as they are kept; beside those that are not float32, one layer and one block of the embedding that are. */
function weightMemory(config: ModelConfig, sizes: WeightSizes, storage: WeightStorage): number {
  const { stored, float32, layer } = sizes;
  const table = config.vocabularySize * config.hiddenSize * 4;
  const widened = layer.float32 + Math.min(TABLE_BLOCK_BYTES, table);
  switch (storage) {
    case 'float32':
      return float32;
    case '16bit':
      return stored + widened;
    case 'streamed':
      return widened + layer.stored + (Math.min(TABLE_BLOCK_BYTES, table) * stored) / float32;
  }
}

type StepMemory = Pick<MemoryEstimate, 'activations' | 'head'>;

/** Sizes of every named dimension that occurs in a model's graphs. */
function dimensionSizes(config: ModelConfig, batch: number, sequence: number): DimensionSizes {
  return {
    batch,
    sequence,
    group: config.family === 'decoder' ? config.headCount / config.keyValueHeadCount : 1,
    positions: sequence,
    rows: Math.min(HEAD_ROWS, batch * sequence),
  };
}

function layeredStep(
  config: ModelConfig,
  layout: TrainableLayout,
  saved: SavedActivations,
  sizes: DimensionSizes,
): StepMemory {
  // The last layer stands for all: only an encoder's first may be smaller.
  const options = { layer: layerKind(config, config.layerCount - 1) };
  const forward = layerForward(config, {}, saved, options);
  const bytesOf = (shape: Shape): number => elementsOf(shape, sizes) * 4;
  const keptPerLayer = [...forward.outputs.values()].reduce((total, { shape }) => total + bytesOf(shape), 0);
  const kept = keptPerLayer * config.layerCount + 3 * bytesOf(['batch', 'sequence', config.hiddenSize]);
  const largest = layout.layers.reduce((a, b) => (Object.keys(a).length >= Object.keys(b).length ? a : b), {});
  // What a layer keeps is counted once already, for all layers.
  const working =
    livePeak(forward, sizes) - keptPerLayer + livePeak(layerBackward(config, largest, saved, options), sizes);
  return {
    activations: kept * MEASURED.kept + working * MEASURED.layeredArena,
    head: headOutputs(config, bytesOf) * MEASURED.headArena,
  };
}

/** Logits that exist at a time; those of an encoder are few. */
function headOutputs(config: ModelConfig, bytesOf: (shape: Shape) => number): number {
  if (config.family === 'encoder') return bytesOf(['batch', config.classifier.labels.length]);
  return bytesOf(['rows', Math.min(lossBlockEntries(config), config.vocabularySize)]);
}

function wholeGraphStep(
  config: DecoderConfig,
  layout: TrainableLayout,
  headChunks: number,
  sizes: DimensionSizes,
): StepMemory {
  const rows = Math.ceil(elementsOf(['batch', 'sequence'], sizes) / headChunks);
  const chunkSizes = Object.fromEntries(
    Array.from({ length: headChunks }, (_, chunk) => [`rows${String(chunk)}`, rows]),
  );
  const live = livePeak(wholeGraph(config, layout.layers, headChunks), { ...sizes, ...chunkSizes });
  // The peak lies in the head, where every layer's activations are still alive.
  const head = rows * config.vocabularySize * 4;
  return { activations: live * MEASURED.wholeGraphArena - head, head };
}

function livePeak({ graph, outputs, given }: NamedGraph, sizes: DimensionSizes): number {
  return peakLiveBytes(graph, outputs.values(), sizes, given);
}
