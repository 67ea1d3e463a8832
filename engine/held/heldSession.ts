/**
 * Sessions that hold frozen parameters as constants of their graphs: a device takes them into its memory when the session
 * is created, and keeps them. It is the way where the runtime's binding offers no tensors that stay on the device (CUDA,
 * DirectML): there, a parameter that is an input crosses from the host in every run.
 */
import type { ExecutionOptions } from '../inference/graphSession.ts';
import type { NamedGraph } from '../model/layerGraphs.ts';
import type { LayerWeights } from '../model/weights/modelWeights.ts';
import { encodeModel } from '../onnx/encoder.ts';
import type { OnnxGraph, OnnxValue } from '../onnx/graph.ts';
import { CAPABILITIES } from '../runtime/capabilities.ts';
import { createSession } from '../runtime/onnxRuntime.ts';
import type { RuntimeOptions, Session } from '../runtime/session.ts';
import { boolTensor, float32Tensor, int32Tensor, int64Tensor, type HostTensor } from '../runtime/tensor.ts';
import { BRANCH_INPUT, branchedGraph, heldGraph } from './heldGraph.ts';

/** Folding would keep a transposed copy of each weight; the runtime's matrix products read them transposed as they are. */
const DISABLED_OPTIMIZERS = ['ConstantFolding'];

/** Two computations over the same parameters. Feeds may hold more than is read, the parameters among it. */
export interface BranchedSession {
  readonly first: Session;
  /** Released with the first one. */
  readonly second: Session;
}

/** A session of one computation. Feeds may hold more than is read. */
export async function createHeldSession(
  name: string,
  named: NamedGraph,
  parameters: LayerWeights,
  options: ExecutionOptions,
): Promise<Session> {
  const graph = heldGraph(named, CAPABILITIES[options.device], parameters);
  const session = await sessionOf(name, graph, options);
  return { ...session, run: (feeds, fetches) => session.run(pick(feeds, session.inputNames), fetches) };
}

/** One session that holds the parameters once for both computations. */
export async function createBranchedSession(
  name: string,
  computations: readonly [NamedGraph, NamedGraph],
  parameters: LayerWeights,
  options: ExecutionOptions & Pick<RuntimeOptions, 'profilePath'>,
): Promise<BranchedSession> {
  const { graph, outputNames } = branchedGraph(computations, CAPABILITIES[options.device], parameters);
  const session = await sessionOf(name, graph, options);
  const unread = Object.fromEntries(graph.inputs.map((input) => [input.name, emptyTensor(input)]));
  const view = (isFirst: boolean, names: ReadonlyMap<string, string>): Session => ({
    ...session,
    outputNames: [...names.keys()],
    async run(feeds, fetches = [...names.keys()]) {
      const wanted = Object.entries(isNameList(fetches) ? Object.fromEntries(fetches.map((n) => [n, null])) : fetches);
      const inputs = { ...unread, ...feeds, [BRANCH_INPUT]: boolTensor(Uint8Array.of(Number(isFirst)), []) };
      const outputs = wanted.map(([output, target]) => [names.get(output) ?? output, target] as const);
      const results = await session.run(pick(inputs, session.inputNames), Object.fromEntries(outputs));
      return Object.fromEntries(wanted.map(([output], index) => [output, results[outputs[index]![0]]!]));
    },
  });
  return { first: view(true, outputNames[0]), second: view(false, outputNames[1]) };
}

function sessionOf(name: string, graph: OnnxGraph, options: ExecutionOptions): Promise<Session> {
  return createSession(encodeModel(graph), { name, ...options, disabledOptimizers: DISABLED_OPTIMIZERS });
}

function isNameList(fetches: NonNullable<Parameters<Session['run']>[1]>): fetches is readonly string[] {
  return Array.isArray(fetches);
}

function pick<T>(feeds: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(names.flatMap((name) => (feeds[name] === undefined ? [] : [[name, feeds[name]]])));
}

/** Stands for an input that only the other computation reads: nothing along every axis whose size is open. */
function emptyTensor({ type, shape }: OnnxValue): HostTensor {
  const sizes = shape.map((size) => (typeof size === 'number' ? size : 0));
  const count = sizes.reduce((total, size) => total * size, 1);
  switch (type) {
    case 'float32':
      return float32Tensor(new Float32Array(count), sizes);
    case 'int64':
      return int64Tensor(new BigInt64Array(count), sizes);
    case 'int32':
      return int32Tensor(new Int32Array(count), sizes);
    case 'bool':
      return boolTensor(new Uint8Array(count), sizes);
    default:
      throw new Error(`an input of type ${type}`);
  }
}
