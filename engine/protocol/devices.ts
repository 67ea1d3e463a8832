/** What can compute on this machine: the report of each kind of device, as listings and views show it. */

export const DEVICE_NAMES = ['cpu', 'webgpu', 'cuda', 'directml'] as const;

export type DeviceName = (typeof DEVICE_NAMES)[number];

export interface DeviceReport {
  readonly device: DeviceName;
  readonly isUsable: boolean;
  /** The hardware's name, where it can be known. */
  readonly name?: string;
  /** Measured rate of float32 matrix products, in 10^9 operations per second. */
  readonly gigaflopsPerSecond?: number;
  /** Whether runs can compute in float16 there; absent where that was not found out. */
  readonly hasFloat16?: boolean;
  /** Memory of the device in bytes, where it can be known. */
  readonly memoryBytes?: number;
  /** Why the device cannot be used, without a final full stop. */
  readonly reason?: string;
  /** What would make it usable, as a sentence. */
  readonly fix?: string;
  /** What the editor can do about it. */
  readonly offer?: 'installCudaSupport';
}

/** Whether a device trains as the CPU does. */
export interface DeviceVerdict {
  readonly device: DeviceName;
  /** What it computed in, where that is not float32, as the CPU does. */
  readonly precision?: 'float16';
  readonly isRight: boolean;
  /** What was seen, without a final full stop. */
  readonly text: string;
  /** Largest difference of a loss, as a share of the CPU's. */
  readonly largestDifference?: number;
}
