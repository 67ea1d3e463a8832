/** Sessions for our graphs: lowered for the device's kernels, encoded, created. */
import { lowerGraph } from '../graph/lowering.ts';
import type { NamedGraph } from '../model/layerGraphs.ts';
import { encodeModel } from '../onnx/encoder.ts';
import { createSession } from '../runtime/onnxRuntime.ts';
import type { RuntimeOptions, Session } from '../runtime/session.ts';

/** Where and how a model executes. */
export type ExecutionOptions = Pick<RuntimeOptions, 'device' | 'threads' | 'allowSpinning'>;

/** @param name what the session is in errors and profiles */
export async function createGraphSession(name: string, named: NamedGraph, options: ExecutionOptions): Promise<Session> {
  const kernels = { hasFusedKernels: options.device === 'cpu' };
  return createSession(encodeModel(lowerGraph(named.graph, named.outputs, kernels)), { name, ...options });
}
