/**
 * Sessions of ONNX Runtime: the only file that knows the package, loaded when the first session is made. Its options are
 * the ones that measurement favours: a memory arena without patterns, a given number of threads, no spinning.
 */
import type * as OnnxRuntime from 'onnxruntime-node';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ElementType } from '../onnx/graph.ts';
import type { DeviceName } from '../protocol/devices.ts';
import { cudaRuntimeModule, preloadCudaLibraries } from './cudaRuntime.ts';
import { copyError, creationError, outdatedRuntime, runError } from './sessionError.ts';
import type { Fetches, RuntimeOptions, Session } from './session.ts';
import { isHostTensor } from './tensor.ts';
import type { DeviceTensor, HostTensor, RuntimeTensor, TensorData } from './tensor.ts';

type Runtime = typeof OnnxRuntime;

const PROVIDERS: Readonly<Record<DeviceName, string>> = { cpu: 'cpu', webgpu: 'webgpu', cuda: 'cuda', directml: 'dml' };

/** Only fatal messages: errors are thrown as well, and warnings speak to authors of models. */
const LOG_SEVERITY = 4;

let runtimeLoading: Promise<Runtime> | undefined;
/** Address of the copy that this process computes with, if it does. */
let loadedCopy: string | undefined;

function loadRuntime(): Promise<Runtime> {
  runtimeLoading ??= importRuntime();
  return runtimeLoading;
}

async function importRuntime(): Promise<Runtime> {
  // The libraries send usage data to their maker unless this variable is set before they are loaded.
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  const copy = await cudaRuntimeModule();
  loadedCopy = copy;
  if (copy === undefined) return import('onnxruntime-node');
  try {
    return (await import(copy)) as Runtime;
  } catch (cause) {
    throw copyError(copy, cause);
  }
}

/** Devices that the installed binaries have a provider for; the hardware may be missing all the same. */
export async function supportedDevices(): Promise<DeviceName[]> {
  const { listSupportedBackends } = await loadRuntime();
  const names = new Set<string>(listSupportedBackends().map((backend) => backend.name));
  return (Object.keys(PROVIDERS) as DeviceName[]).filter((device) => names.has(PROVIDERS[device]));
}

/** @param model an encoded ONNX model, which may be discarded afterwards */
export async function createSession(model: Uint8Array, options: RuntimeOptions): Promise<Session> {
  const runtime = await loadRuntime();
  if (options.device === 'cuda') await preloadCudaLibraries();
  let inner: InferenceSession;
  try {
    inner = await runtime.InferenceSession.create(model, sessionOptions(options));
  } catch (cause) {
    if (options.device === 'cuda' && (await cudaRuntimeModule()) !== loadedCopy) throw outdatedRuntime(cause);
    throw creationError(options, cause);
  }
  return {
    name: options.name,
    inputNames: inner.inputNames,
    outputNames: inner.outputNames,
    run: async (feeds, fetches) => runSession(runtime, inner, options, feeds, fetches),
    release: async () => {
      if (options.profilePath !== undefined) inner.endProfiling();
      await inner.release();
    },
  };
}

function sessionOptions(options: RuntimeOptions): InferenceSession.SessionOptions {
  const { externalDataFolder, disabledOptimizers, profilePath, deviceOutputs } = options;
  const entries = {
    session: {
      intra_op: { allow_spinning: options.allowSpinning === true ? '1' : '0' },
      ...(externalDataFolder !== undefined && { model_external_initializers_file_folder_path: externalDataFolder }),
      ...(options.forbidsCpuFallback === true && { disable_cpu_ep_fallback: '1' }),
    },
    ...(disabledOptimizers !== undefined && {
      optimization: { disable_specified_optimizers: disabledOptimizers.join(';') },
    }),
  };
  return {
    executionProviders: [PROVIDERS[options.device]],
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    enableCpuMemArena: true,
    enableMemPattern: false,
    graphOptimizationLevel: options.optimizationLevel ?? 'all',
    logId: options.name,
    logSeverityLevel: LOG_SEVERITY,
    extra: entries,
    ...(profilePath !== undefined && { enableProfiling: true, profileFilePrefix: profilePath }),
    ...(deviceOutputs !== undefined && { preferredOutputLocation: outputLocations(deviceOutputs) }),
  };
}

function outputLocations(outputs: 'all' | readonly string[]): 'gpu-buffer' | Record<string, 'gpu-buffer'> {
  return outputs === 'all' ? 'gpu-buffer' : Object.fromEntries(outputs.map((name) => [name, 'gpu-buffer' as const]));
}

async function runSession(
  runtime: Runtime,
  inner: InferenceSession,
  options: RuntimeOptions,
  feeds: Readonly<Record<string, RuntimeTensor>>,
  fetches: Fetches = inner.outputNames,
): Promise<Record<string, RuntimeTensor>> {
  const targets = isNameList(fetches) ? Object.fromEntries(fetches.map((name) => [name, null])) : fetches;
  const toInner = ([name, tensor]: [string, RuntimeTensor | null]): [string, Tensor | null] => [
    name,
    tensor === null ? null : toRuntimeTensor(runtime, name, tensor),
  ];
  let results: InferenceSession.ReturnType;
  try {
    checkNames('input', Object.keys(feeds), inner.inputNames);
    checkNames('output', Object.keys(targets), inner.outputNames);
    const innerFeeds = Object.fromEntries(Object.entries(feeds).map(toInner)) as Record<string, Tensor>;
    results = await inner.run(innerFeeds, Object.fromEntries(Object.entries(targets).map(toInner)));
  } catch (cause) {
    throw runError(options, cause);
  }
  return Object.fromEntries(
    Object.entries(targets).map(([name, target]) => [name, target ?? fromRuntime(results[name] as Tensor)]),
  );
}

function isNameList(fetches: Fetches): fetches is readonly string[] {
  return Array.isArray(fetches);
}

/** The package itself ignores names that it does not know. */
function checkNames(kind: 'input' | 'output', names: readonly string[], known: readonly string[]): void {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new RangeError(`no ${kind} is named ${unknown.join(', ')}`);
}

function toRuntimeTensor(runtime: Runtime, name: string, tensor: RuntimeTensor): Tensor {
  if (tensor instanceof GpuTensor) return tensor.inner;
  if (!isHostTensor(tensor)) throw new TypeError(`${name} is a tensor of another runtime`);
  if (tensor.type === 'float16') return halfTensor(runtime, tensor);
  return new runtime.Tensor(tensor.type as Tensor.Type, tensor.data as never, tensor.shape);
}

/**
 * From Node 24 on the package wraps the bits in a Float16Array, whose size its native part takes for 0: the tensor is
 * made with the type of the bits, and renamed.
 */
function halfTensor(runtime: Runtime, { data, shape }: HostTensor): Tensor {
  return Object.assign(new runtime.Tensor('uint16', data as Uint16Array, shape), { type: 'float16' as const });
}

function fromRuntime(tensor: Tensor): RuntimeTensor {
  if (tensor.location !== 'cpu') return new GpuTensor(tensor);
  const type = tensor.type as ElementType;
  const data = tensor.data as TensorData;
  // Wrapped in a Float16Array again, as above; their bits are what this engine passes around.
  const bits = type === 'float16' ? new Uint16Array(data.buffer, data.byteOffset, data.length) : data;
  return { type, shape: tensor.dims, data: bits };
}

class GpuTensor implements DeviceTensor {
  readonly inner: Tensor;

  constructor(inner: Tensor) {
    this.inner = inner;
  }

  get type(): ElementType {
    return this.inner.type as ElementType;
  }

  get shape(): readonly number[] {
    return this.inner.dims;
  }

  dispose(): void {
    this.inner.dispose();
  }
}
