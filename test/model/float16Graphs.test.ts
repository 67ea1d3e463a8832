/** The graphs of float16 by their numbers, on the CPU: its runtime computes 16-bit floats by converting them. */
import { expect, onTestFinished, test } from 'vitest';
import { differentiate } from '../../engine/graph/differentiate.ts';
import { Graph, type FloatType } from '../../engine/graph/graph.ts';
import { lowerGraph } from '../../engine/graph/lowering.ts';
import { narrowF16 } from '../../engine/checkpoint/safetensors/floatConversion.ts';
import { SharedFeedSource } from '../../engine/inference/sharedFeeds.ts';
import { HEAD_NAMES, headLoss } from '../../engine/model/decoder/headGraph.ts';
import { LAYER_NAMES, layerBackward, layerForward, type NamedGraph } from '../../engine/model/layerGraphs.ts';
import { parameterType } from '../../engine/model/layerInputs.ts';
import { TRAINING_INPUTS } from '../../engine/model/layerTraining.ts';
import { encodeModel } from '../../engine/onnx/encoder.ts';
import { createSession } from '../../engine/runtime/onnxRuntime.ts';
import {
  float16Tensor,
  float32Data,
  float32Tensor,
  int64Tensor,
  type HostTensor,
} from '../../engine/runtime/tensor.ts';
import { deltaLayout } from '../../engine/training/layouts/deltaLayout.ts';
import { selectionFeeds } from '../../engine/training/plans/deltaFeeds.ts';
import { randomFloats, randomTensor } from '../graph/randomFloats.ts';
import { goldenBatch, goldenSelections, goldenWeights, readGolden, relativeError } from '../training/goldenModel.ts';

/** Largest difference from float32, as a share of the largest value. */
const BOUND = 5e-3;

/** Lowered as for a GPU. */
async function results(
  named: NamedGraph,
  feeds: Readonly<Record<string, HostTensor>>,
): Promise<ReadonlyMap<string, Float32Array>> {
  const model = encodeModel(lowerGraph(named.graph, named.outputs, { hasFusedKernels: false }, named.given));
  const session = await createSession(model, { name: 'float16', device: 'cpu', threads: 2 });
  onTestFinished(() => session.release());
  const read = Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]!]));
  return new Map(Object.entries(await session.run(read)).map(([name, tensor]) => [name, float32Data(tensor)]));
}

function parameter(data: Float32Array, shape: readonly number[], precision: FloatType): HostTensor {
  if (parameterType(shape, precision) === 'float32') return float32Tensor(data, shape);
  const bits = new Uint16Array(data.length);
  narrowF16(data, bits);
  return float16Tensor(bits, shape);
}

test.each(['llama', 'qwen3', 'llama-bias'])('a layer, forward and backward: %s', async (name) => {
  const golden = await readGolden(`architectures/${name}.safetensors`);
  const weights = await goldenWeights(name);
  const { config } = weights;
  const batch = goldenBatch(golden);
  const layout = deltaLayout(config, goldenSelections(golden, weights));
  const [training = {}] = layout.layers;
  const shape = [batch.batchSize, batch.sequenceLength, config.hiddenSize];
  const deltas = Object.entries(training).map(([projection, { neuronCount, k }]) => [
    TRAINING_INPUTS.delta(projection),
    float32Tensor(new Float32Array(neuronCount * k).fill(0.01), [neuronCount, k]),
  ]);
  const feedsIn = (precision: FloatType): Record<string, HostTensor> => ({
    ...Object.fromEntries(
      [...weights.layers[0]!].map(([key, { data, shape: sizes }]) => [key, parameter(data, sizes, precision)]),
    ),
    ...(Object.fromEntries(deltas) as Record<string, HostTensor>),
    ...selectionFeeds(layout, 0),
    ...new SharedFeedSource(config).feeds(batch).forLayer(0),
    [LAYER_NAMES.hidden]: randomTensor(shape, 'hidden'),
    [LAYER_NAMES.gradOutput]: randomTensor(shape, 'gradient'),
  });
  for (const build of [layerForward, layerBackward]) {
    const inPrecision = (precision: FloatType): Promise<ReadonlyMap<string, Float32Array>> =>
      results(build(config, training, 'none', { weights: 'frozen', precision }), feedsIn(precision));
    const [expected, found] = [await inPrecision('float32'), await inPrecision('float16')];
    expect([...found.keys()]).toEqual([...expected.keys()]);
    for (const [output, values] of expected) {
      const error = relativeError(found.get(output)!, values);
      expect(error, output).toBeLessThan(BOUND);
      expect(error, `${output} is computed in float16`).toBeGreaterThan(1e-6);
    }
  }
});

test('the head, its loss and gradient, at any scale of the loss', async () => {
  const golden = await readGolden('architectures/llama.safetensors');
  const weights = await goldenWeights('llama');
  const { config } = weights;
  const { labels } = goldenBatch(golden);
  const hidden = randomFloats(labels.length * config.hiddenSize, 1, 'hidden');
  const table = [config.vocabularySize, config.hiddenSize];
  const embedding = await weights.outputEmbedding.block(0, config.vocabularySize);
  const headIn = async (precision: FloatType, lossScale: number): Promise<ReadonlyMap<string, Float32Array>> => {
    const graph = new Graph();
    const rows = graph.input(HEAD_NAMES.hidden, 'float32', ['rows', config.hiddenSize]);
    const loss = headLoss(graph, config, rows, '', precision);
    const start = graph.input(LAYER_NAMES.gradOutput, 'float32', [1, 1]);
    const [gradient] = differentiate(graph, new Map([[loss, start]]), [rows]);
    const outputs = new Map([
      ['loss', loss],
      ['gradient', gradient!],
    ]);
    return results(
      { graph, outputs },
      {
        [HEAD_NAMES.hidden]: float32Tensor(hidden, [labels.length, config.hiddenSize]),
        [HEAD_NAMES.norm]: float32Tensor(weights.finalNorm, [config.hiddenSize]),
        [HEAD_NAMES.embedding]: parameter(embedding, table, precision),
        [HEAD_NAMES.labels]: int64Tensor(BigInt64Array.from(labels, BigInt), [labels.length]),
        [HEAD_NAMES.weights]: float32Tensor(new Float32Array(labels.length).fill(1 / labels.length), [
          labels.length,
          1,
        ]),
        [LAYER_NAMES.gradOutput]: float32Tensor(Float32Array.of(lossScale), [1, 1]),
      },
    );
  };
  const expected = await headIn('float32', 1);
  const found = await headIn('float16', 2 ** 24);
  expect(relativeError(found.get('loss')!, expected.get('loss')!)).toBeLessThan(BOUND);
  const gradient = found.get('gradient')!.map((value) => value / 2 ** 24);
  expect(relativeError(gradient, expected.get('gradient')!)).toBeLessThan(BOUND);
});
