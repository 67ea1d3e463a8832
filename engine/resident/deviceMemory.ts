/**
 * Moves tensors into a device's memory and back, and counts what travels. The runtime offers no copy of its own: a session
 * that returns its input does it, with the output left on the device or brought to the host.
 */
import { Graph, type ValueType } from '../graph/graph.ts';
import { createGraphSession, type ExecutionOptions } from '../inference/graphSession.ts';
import type { NamedGraph } from '../model/layerGraphs.ts';
import type { Session } from '../runtime/session.ts';
import { float32Data, isHostTensor, type DeviceTensor, type HostTensor } from '../runtime/tensor.ts';

/** Bytes that travelled so far. */
export interface Traffic {
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
}

export class DeviceMemory {
  readonly options: ExecutionOptions;
  readonly #sessions = new Map<string, Promise<Session>>();
  #uploadedBytes = 0;
  #downloadedBytes = 0;

  constructor(options: ExecutionOptions) {
    this.options = options;
  }

  get traffic(): Traffic {
    return { uploadedBytes: this.#uploadedBytes, downloadedBytes: this.#downloadedBytes };
  }

  /** A session whose outputs stay on the device, but for `hostOutputs`; an operator that only the CPU has is an error. */
  createSession(name: string, named: NamedGraph, hostOutputs: readonly string[] = []): Promise<Session> {
    const deviceOutputs = [...named.outputs.keys()].filter((output) => !hostOutputs.includes(output));
    return createGraphSession(name, named, { ...this.options, deviceOutputs, forbidsCpuFallback: true });
  }

  async upload(tensor: HostTensor): Promise<DeviceTensor> {
    const session = await this.#copySession(tensor.type as ValueType, tensor.shape.length, 'device');
    const copy = (await session.run({ x: tensor }))['y'];
    if (copy === undefined || isHostTensor(copy)) throw new Error(`${session.name} left its output on the host`);
    this.countUpload(tensor);
    return copy;
  }

  /** @returns the elements of a float32 tensor */
  async download(tensor: DeviceTensor): Promise<Float32Array> {
    const session = await this.#copySession('float32', tensor.shape.length, 'host');
    const data = float32Data((await session.run({ x: tensor }))['y']);
    this.#downloadedBytes += data.byteLength;
    return data;
  }

  /** Counts a host tensor that is fed to a session as it is. */
  countUpload({ data }: HostTensor): void {
    this.#uploadedBytes += data.byteLength;
  }

  /** Counts an output that a session brings to the host. */
  countDownload(data: Float32Array): void {
    this.#downloadedBytes += data.byteLength;
  }

  async release(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release();
  }

  #copySession(type: ValueType, rank: number, to: 'device' | 'host'): Promise<Session> {
    const name = `copy ${type} of rank ${String(rank)} to the ${to}`;
    const known =
      this.#sessions.get(name) ?? this.createSession(name, copyGraph(type, rank), to === 'host' ? ['y'] : []);
    this.#sessions.set(name, known);
    return known;
  }
}

/** y = x: an output that is an input is lowered to Identity. */
function copyGraph(type: ValueType, rank: number): NamedGraph {
  const graph = new Graph();
  const shape = Array.from({ length: rank }, (_, axis) => `d${String(axis)}`);
  return { graph, outputs: new Map([['y', graph.input('x', type, shape)]]) };
}
