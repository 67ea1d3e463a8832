/** Encodes graphs and runs them once in the real runtime. */
import { encodeModel } from '../../engine/onnx/encoder.ts';
import type {
  AttributeValue,
  ElementType,
  OnnxGraph,
  OnnxNode,
  OnnxTensor,
  OnnxValue,
} from '../../engine/onnx/graph.ts';
import { createSession } from '../../engine/runtime/onnxRuntime.ts';
import type { RuntimeOptions } from '../../engine/runtime/session.ts';
import { isHostTensor, type HostTensor } from '../../engine/runtime/tensor.ts';

export const CPU: RuntimeOptions = { name: 'test', device: 'cpu', threads: 1 };

export function floatValue(name: string, shape: OnnxValue['shape']): OnnxValue {
  return { name, type: 'float32', shape };
}

/** A graph of one node whose inputs and outputs are the graph's. */
export function singleNode(
  node: { opType: string; domain?: string; attributes?: Record<string, AttributeValue> },
  inputs: readonly OnnxValue[],
  output: { type: ElementType; shape: OnnxValue['shape'] },
  initializers: readonly OnnxTensor[] = [],
): OnnxGraph {
  const names = [...inputs, ...initializers].map(({ name }) => name);
  const only: OnnxNode = { ...node, inputs: names, outputs: ['y'] };
  return { name: 'single', inputs, outputs: [{ name: 'y', ...output }], nodes: [only], initializers };
}

export async function runOnce(
  graph: OnnxGraph,
  feeds: Readonly<Record<string, HostTensor>>,
  options: RuntimeOptions = CPU,
): Promise<Record<string, HostTensor>> {
  const session = await createSession(encodeModel(graph), options);
  const results = Object.entries(await session.run(feeds)).map(([name, tensor]): [string, HostTensor] => {
    if (!isHostTensor(tensor)) throw new Error(`${name} is not in host memory`);
    return [name, tensor];
  });
  await session.release();
  return Object.fromEntries(results);
}
