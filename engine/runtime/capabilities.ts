/** What each device's provider can do: the one table by which code differs between devices. */
import type { DeviceName } from '../protocol/devices.ts';

export interface Capabilities {
  /** The runtime's fused kernels (FusedMatMul, SimplifiedLayerNormalization, QuickGelu) are there and right. */
  readonly hasFusedKernels: boolean;
  /**
   * Outputs can stay on the device and feed other sessions, so that weights are uploaded once. The runtime's binding
   * offers that for WebGPU alone (its output location `gpu-buffer`); elsewhere every input crosses from the host in every
   * run.
   */
  readonly keepsTensors: boolean;
  /**
   * Weights stay there as constants of the sessions' graphs, which the provider takes into the device's memory when a
   * session is created.
   */
  readonly holdsConstants: boolean;
  /** Training can compute in float16 there, where the adapter can: its probe tells. */
  readonly allowsFloat16: boolean;
}

export const CAPABILITIES: Readonly<Record<DeviceName, Capabilities>> = {
  cpu: { hasFusedKernels: true, keepsTensors: false, holdsConstants: false, allowsFloat16: false },
  webgpu: { hasFusedKernels: false, keepsTensors: true, holdsConstants: false, allowsFloat16: true },
  cuda: { hasFusedKernels: false, keepsTensors: false, holdsConstants: true, allowsFloat16: false },
  directml: { hasFusedKernels: false, keepsTensors: false, holdsConstants: true, allowsFloat16: false },
};
