/** The memory of a training run by part, predicted from the configuration and from the lifetimes of values in its graphs. */
import type { DecoderConfig } from '../checkpoint/config/decoderConfig.ts';
import { requireDecoder, type ModelConfig } from '../checkpoint/config/modelConfig.ts';
import { elementsOf, peakLiveBytes, type DimensionSizes } from '../graph/liveness.ts';
import type { Shape } from '../graph/shape.ts';
import { lossBlockEntries } from '../inference/lossBlocks.ts';
import { layerBackward, layerForward, type NamedGraph, type SavedActivations } from '../model/layerGraphs.ts';
import type { AttentionKind } from '../model/layerInputs.ts';
import { forwardTraining, gradientName } from '../model/layerTraining.ts';
import { layerKind } from '../model/parameters/modelParameters.ts';
import { layerPrefix, wholeGraph } from '../model/decoder/wholeGraph.ts';
import { TABLE_BLOCK_BYTES } from '../model/weights/storedTable.ts';
import type { WeightSizes } from '../model/weights/storedWeights.ts';
import type { Precision, WeightStorage } from '../protocol/configuration/configuration.ts';
import type { TrainableLayout } from '../training/layouts/trainableLayout.ts';

/** How a run executes: one of the two plans with its own dial. */
export type PlanChoice =
  | {
      readonly plan: 'layered';
      readonly savedActivations: SavedActivations;
      readonly weights: WeightStorage;
      readonly attention: AttentionKind;
      /** What matrices and their products are computed in; float32 where absent. */
      readonly precision?: Precision;
    }
  | { readonly plan: 'wholeGraph'; readonly headChunks: number };

type LayeredChoice = Extract<PlanChoice, { plan: 'layered' }>;

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
  /** Memory of a layered session's arena by live byte: it reuses its pieces whole, or not at all. */
  layeredArena: 1.55,
  /** The same for the session of the whole graph, whose largest values stay alive anyway. */
  wholeGraphArena: 1.13,
  /** The same for logits. */
  headArena: 1.2,
  /** Memory of what layers keep, by its bytes. */
  kept: 1.33,
} as const;

/**
 * Bytes per value that is trained, beside the weights. Deltas: value, last good value, gradient, two moments, frozen value,
 * index, position, buffer. Factors of bypasses: the same without what tells where they are. Parameters as a whole, whose
 * values are the weights: gradient, two moments.
 */
const BYTES_PER_VALUE = { selected: 9 * 4, entries: 9 * 4, lowRank: 6 * 4, dense: 3 * 4 } as const;
/** A process that has loaded the runtime, a tokenizer and examples; measured as well. */
export const PROCESS_BYTES = 200e6;

/** A mask has a byte for every entry. */
const MASK_BYTES = 1;
/** Rows of labels that the layered plan's head computes at once. */
const HEAD_ROWS = 256;

/**
 * @param rows rows of the largest micro-batch
 * @param length tokens of each
 * @param isAccumulated whether the gradients of several micro-batches add up to those of a step
 */
export function estimateMemory(
  config: ModelConfig,
  weightSizes: WeightSizes,
  layout: TrainableLayout,
  choice: PlanChoice,
  rows: number,
  length: number,
  isAccumulated = false,
): MemoryEstimate {
  const sizes = dimensionSizes(config, rows, length);
  const weights = isHalf(choice)
    ? weightSizes.float32 / 2
    : weightMemory(config, weightSizes, choice.plan === 'layered' ? choice.weights : 'float32');
  const deltas = trainedBytes(layout) + (isAccumulated ? gradientBufferBytes(layout, choice) : 0);
  const step =
    choice.plan === 'layered'
      ? layeredStep(config, layout, choice, sizes)
      : wholeGraphStep(requireDecoder(config, '', 'the whole-graph plan'), layout, choice.headChunks, sizes);
  const overhead = PROCESS_BYTES;
  const total = weights + step.activations + step.head + deltas + overhead;
  return { weights, ...step, deltas, overhead, total };
}

/** Whether weights are rounded to 16 bits, wherever they come from. */
function isHalf(choice: PlanChoice): boolean {
  return choice.plan === 'layered' && choice.precision === 'float16';
}

/** What is trained, beside the weights themselves. */
function trainedBytes({ parts }: TrainableLayout): number {
  return parts.reduce((total, part) => {
    const maskBytes = part.kind === 'dense' && part.mask !== null ? MASK_BYTES : 0;
    return total + part.length * (BYTES_PER_VALUE[part.kind] + maskBytes);
  }, 0);
}

/** Gradients of whole parameters before they are added to those of earlier micro-batches: of a layer, or of all. */
function gradientBufferBytes({ parts }: TrainableLayout, { plan }: PlanChoice): number {
  const byLayer = new Map<number, number>();
  for (const { kind, layer, length } of parts) {
    if (kind === 'dense') byLayer.set(layer, (byLayer.get(layer) ?? 0) + length * 4);
  }
  const bytes = [...byLayer.values()];
  return plan === 'layered' ? Math.max(0, ...bytes) : bytes.reduce((total, part) => total + part, 0);
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
  {
    savedActivations: saved,
    attention,
    precision,
  }: Pick<LayeredChoice, 'savedActivations' | 'attention' | 'precision'>,
  sizes: DimensionSizes,
): StepMemory {
  // The last layer stands for all: only an encoder's first may be smaller.
  const options = { layer: layerKind(config, config.layerCount - 1), attention, precision };
  const bytesOf = (shape: Shape): number => elementsOf(shape, sizes) * 4;
  const largest = layout.layers.reduce((a, b) => (Object.keys(a).length >= Object.keys(b).length ? a : b), {});
  const forward = layerForward(config, forwardTraining(largest), saved, options);
  const keptPerLayer = [...forward.outputs.values()].reduce((total, { shape }) => total + bytesOf(shape), 0);
  const kept = keptPerLayer * config.layerCount + 3 * bytesOf(['batch', 'sequence', config.hiddenSize]);
  // What a layer keeps is counted once already, for all layers.
  const working =
    livePeak(forward, sizes) - keptPerLayer + livePeak(layerBackward(config, largest, saved, options), sizes, layout);
  const masks = attention === 'whole' ? bytesOf(['sequence', 'sequence']) : 0;
  return {
    activations: kept * MEASURED.kept + working * MEASURED.layeredArena + masks,
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
  const live = livePeak(wholeGraph(config, layout.layers, headChunks), { ...sizes, ...chunkSizes }, layout);
  // The peak lies in the head, where every layer's activations are still alive.
  const head = rows * config.vocabularySize * 4;
  return { activations: live * MEASURED.wholeGraphArena - head, head };
}

/** @param layout whose gradients of whole parameters are counted elsewhere */
function livePeak({ graph, outputs, given }: NamedGraph, sizes: DimensionSizes, layout?: TrainableLayout): number {
  const dense = layout?.parts.filter(({ kind }) => kind === 'dense') ?? [];
  const outside = new Set(
    dense.flatMap(({ layer, input }) => {
      const name = gradientName(input);
      return [outputs.get(name), outputs.get(layerPrefix(layer) + name)].filter((value) => value !== undefined);
    }),
  );
  return peakLiveBytes(graph, outputs.values(), sizes, given, outside);
}
