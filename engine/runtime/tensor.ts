/** Tensors that go into and come out of sessions: typed arrays in host memory, or handles of memory on the device. */
import type { ElementType } from '../onnx/graph.ts';

/** 16-bit floats are given by their bits, truth values by 0 and 1. */
export type TensorData = Float32Array | BigInt64Array | Int32Array | Uint16Array | Int8Array | Uint8Array;

/**
 * A tensor in host memory. Sessions read and write `data` in place, without a copy, so an edit of it is seen by the next
 * run; it cannot be a view of a SharedArrayBuffer.
 */
export interface HostTensor<Data extends TensorData = TensorData> {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Data;
}

/** A tensor in a device's memory: an output of one session that inputs and fetches of others may refer to. */
export interface DeviceTensor {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Frees the memory; the tensor cannot be used afterwards. */
  dispose(): void;
}

export type RuntimeTensor = HostTensor | DeviceTensor;

export function float32Tensor(data: Float32Array, shape: readonly number[]): HostTensor<Float32Array> {
  return { type: 'float32', shape, data };
}

/** @param data bits */
export function float16Tensor(data: Uint16Array, shape: readonly number[]): HostTensor<Uint16Array> {
  return { type: 'float16', shape, data };
}

export function int64Tensor(data: BigInt64Array, shape: readonly number[]): HostTensor<BigInt64Array> {
  return { type: 'int64', shape, data };
}

export function int32Tensor(data: Int32Array, shape: readonly number[]): HostTensor<Int32Array> {
  return { type: 'int32', shape, data };
}

/** @param data 0 or 1 */
export function boolTensor(data: Uint8Array, shape: readonly number[]): HostTensor<Uint8Array> {
  return { type: 'bool', shape, data };
}

export function isHostTensor(tensor: RuntimeTensor): tensor is HostTensor {
  return 'data' in tensor;
}

/** The elements of a float32 tensor in host memory; any other tensor is a bug of the caller. */
export function float32Data(tensor: RuntimeTensor | undefined): Float32Array {
  if (tensor === undefined || !isHostTensor(tensor) || !(tensor.data instanceof Float32Array)) {
    const found = tensor === undefined ? 'none' : isHostTensor(tensor) ? tensor.type : `${tensor.type} on the device`;
    throw new Error(`expected a float32 tensor in host memory, found ${found}`);
  }
  return tensor.data;
}
