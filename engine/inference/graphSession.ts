/** Sessions for our graphs: lowered for the device's kernels, encoded, created. */
import { lowerGraph } from '../graph/lowering.ts';
import type { AttentionKind } from '../model/layerInputs.ts';
import type { NamedGraph } from '../model/layerGraphs.ts';
import { encodeModel } from '../onnx/encoder.ts';
import { CAPABILITIES } from '../runtime/capabilities.ts';
import { createSession } from '../runtime/onnxRuntime.ts';
import type { RuntimeOptions, Session } from '../runtime/session.ts';
import type { RuntimeTensor } from '../runtime/tensor.ts';

/** Where and how a model executes. */
export interface ExecutionOptions extends Pick<RuntimeOptions, 'device' | 'threads' | 'allowSpinning'> {
  /** How layers that are computed one by one attend; 'whole' where absent. */
  readonly attention?: AttentionKind;
}

/**
 * Feeds to its runs may hold more than the graph reads: lowering drops inputs that no output depends on.
 *
 * @param name what the session is in errors and profiles
 */
export async function createGraphSession(
  name: string,
  named: NamedGraph,
  options: Omit<RuntimeOptions, 'name'>,
): Promise<Session> {
  const model = encodeModel(lowerGraph(named.graph, named.outputs, CAPABILITIES[options.device], named.given));
  const session = await createSession(model, { name, ...options });
  return {
    ...session,
    run(feeds, fetches) {
      const read: Record<string, RuntimeTensor> = {};
      for (const input of session.inputNames) {
        const feed = feeds[input];
        if (feed === undefined) throw new Error(`session ${name} needs the input ${input}`);
        read[input] = feed;
      }
      return session.run(read, fetches);
    },
  };
}
