/** The head of an encoder as graphs: pooled hidden states to logits, and the loss of a batch with its gradients. */
import type { EncoderConfig } from '../../checkpoint/config/encoderConfig.ts';
import {
  encoderHead,
  normParts,
  type LinearTensors,
  type NormTensors,
} from '../../checkpoint/config/encoderTensors.ts';
import { differentiate } from '../../graph/differentiate.ts';
import { Graph, type Value } from '../../graph/graph.ts';
import { add, subtract } from '../../graph/operations/elements/add.ts';
import { reduceSum } from '../../graph/operations/elements/broadcasting.ts';
import { layerNorm } from '../../graph/operations/norms/layerNorm.ts';
import { linear } from '../../graph/operations/products/linear.ts';
import { matmul } from '../../graph/operations/products/matmul.ts';
import { multiply } from '../../graph/operations/elements/multiply.ts';
import { softmaxCrossEntropy } from '../../graph/operations/losses/softmaxCrossEntropy.ts';
import { tanh } from '../../graph/operations/activations/tanh.ts';
import { activation } from './encoderLayer.ts';
import type { NamedGraph } from '../layerGraphs.ts';
import { gradientName } from '../layerTraining.ts';

/** Names of the inputs and outputs that are not parameters. */
export const CLASSIFIER_NAMES = {
  hidden: 'hidden',
  pooling: 'pooling',
  targets: 'targets',
  weights: 'weights',
  gradLoss: 'gradLoss',
  loss: 'loss',
  gradHidden: 'gradHidden',
  logits: 'logits',
} as const;

interface Head {
  readonly graph: Graph;
  readonly hidden: Value;
  /** [examples, labels] */
  readonly logits: Value;
}

/**
 * Input: hidden [rows, hidden]: each example's first row, or every row, which pooling [examples, rows] then averages. The
 * head's parameters are inputs by the checkpoint's names, except for the final norm. Output: logits [examples, labels].
 */
export function classifierLogits(config: EncoderConfig): NamedGraph {
  const { graph, logits } = buildHead(config);
  return { graph, outputs: new Map([[CLASSIFIER_NAMES.logits, logits]]) };
}

/**
 * Further inputs: targets [examples, labels], and for numbers weights [examples, 1], so that the loss is the sum of
 * weights times squared errors; for classes each row of targets is the example's weight times its distribution.
 * Outputs: loss [1, 1], logits, gradHidden as hidden, and the gradient of each trained tensor.
 *
 * @param trained names of the head's tensors that are trained
 */
export function classifierWithGradient(config: EncoderConfig, trained: readonly string[]): NamedGraph {
  const { graph, hidden, logits } = buildHead(config);
  const loss = lossOf(graph, config, logits);
  const wanted = new Map<string, Value>([[CLASSIFIER_NAMES.gradHidden, hidden]]);
  for (const tensor of trained) {
    const input = graph.inputs.get(tensor);
    if (input === undefined) throw new Error(`the head has no tensor ${tensor}`);
    wanted.set(gradientName(tensor), input);
  }
  const one = graph.input(CLASSIFIER_NAMES.gradLoss, 'float32', [1, 1]);
  const gradients = differentiate(graph, new Map([[loss, one]]), [...wanted.values()]);
  const outputs = new Map<string, Value>([
    [CLASSIFIER_NAMES.loss, loss],
    [CLASSIFIER_NAMES.logits, logits],
  ]);
  [...wanted.keys()].forEach((name, index) => {
    const gradient = gradients[index];
    if (gradient === undefined) throw new Error(`the loss does not depend on ${name}`);
    outputs.set(name, gradient);
  });
  return { graph, outputs };
}

function buildHead(config: EncoderConfig): Head {
  const graph = new Graph();
  const { hiddenSize, classifier, normEpsilon } = config;
  const tensors = encoderHead(config);
  const hidden = graph.input(CLASSIFIER_NAMES.hidden, 'float32', ['rows', hiddenSize]);
  const norm = (input: Value, parameters: NormTensors | undefined): Value => {
    if (parameters === undefined) return input;
    const [weight, bias] = normParts(parameters).map(({ name, shape }) => graph.input(name, 'float32', shape));
    if (weight === undefined) throw new Error('a norm has a weight');
    return layerNorm(graph, input, weight, bias, normEpsilon);
  };
  const last = norm(hidden, tensors.finalNorm);
  const pooled = classifier.pooling === 'mean' ? matmul(graph, poolingInput(graph), last) : last;
  const dense = affine(graph, pooled, tensors.dense);
  const { activation: name } = classifier;
  const active = norm(name === 'tanh' ? tanh(graph, dense) : activation(graph, name, dense), tensors.norm);
  return { graph, hidden, logits: affine(graph, active, tensors.classifier) };
}

function poolingInput(graph: Graph): Value {
  return graph.input(CLASSIFIER_NAMES.pooling, 'float32', ['examples', 'rows']);
}

function affine(graph: Graph, input: Value, { module, rows, columns, hasBias }: LinearTensors): Value {
  const output = linear(graph, input, graph.input(`${module}.weight`, 'float32', [rows, columns]));
  return hasBias ? add(graph, output, graph.input(`${module}.bias`, 'float32', [rows])) : output;
}

function lossOf(graph: Graph, { classifier }: EncoderConfig, logits: Value): Value {
  const examples = logits.shape[0] ?? 1;
  const targets = graph.input(CLASSIFIER_NAMES.targets, 'float32', [examples, classifier.labels.length]);
  if (classifier.problem === 'classification') return softmaxCrossEntropy(graph, logits, targets);
  const weights = graph.input(CLASSIFIER_NAMES.weights, 'float32', [examples, 1]);
  const error = subtract(graph, logits, targets);
  return reduceSum(graph, multiply(graph, multiply(graph, error, error), weights), [0, 1]);
}
