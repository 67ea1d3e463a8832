/** Settles the device of a run: the one that was asked for, or the best one that training can use here, and why. */
import type { ModelConfig } from '../../checkpoint/config/modelConfig.ts';
import { ExpectedError } from '../../errors/expected.ts';
import type { Precision, RunConfiguration } from '../../protocol/configuration/configuration.ts';
import { DEVICE_NAMES, type DeviceName, type DeviceReport } from '../../protocol/devices.ts';
import type { Method } from '../../protocol/configuration/methods.ts';
import { CAPABILITIES } from '../../runtime/capabilities.ts';
import { resolveDevice, type DeviceChoice } from '../../runtime/deviceChoice.ts';
import { probeDevices } from '../../runtime/probe/deviceProbe.ts';
import { listGpus } from '../../runtime/probe/gpu.ts';
import { noFloat16 } from '../../runtime/sessionError.ts';

/** Devices that can train in float16, where their adapters can. */
const FLOAT16_DEVICES = DEVICE_NAMES.filter((device) => CAPABILITIES[device].allowsFloat16);

/**
 * `auto` is the CPU for every method but NeuroAda, and for every encoder.
 *
 * @throws ExpectedError `run/methodNotOnDevice`, `run/encoderNotOnDevice`, `run/precisionNotOnDevice`,
 *   `runtime/deviceUnusable`, `runtime/noFloat16`
 */
export async function settleMethodDevice(
  { device: asked, precision }: Pick<RunConfiguration['engine'], 'device' | 'precision'>,
  method: Method,
  { family, modelType }: ModelConfig,
): Promise<DeviceChoice> {
  refuseOnDevice(method, asked, precision);
  if (family === 'encoder') {
    if (asked !== 'auto' && CAPABILITIES[asked].keepsTensors) throw encoderNotOnDevice(modelType, asked);
    if (asked === 'auto') return onCpu(precision, 'which encoders are trained on');
  }
  if (method !== 'neuroada' && asked === 'auto') return onCpu(precision, `which computes the method ${method}`);
  return precision === 'float16' ? settleFloat16Device(asked) : settleDevice(asked);
}

function onCpu(precision: Precision, why: string): DeviceChoice {
  if (precision === 'float16') throw precisionNotOnDevice('cpu');
  return { device: 'cpu', reasons: [`on the CPU, ${why}`] };
}

function encoderNotOnDevice(modelType: string, device: DeviceName): ExpectedError {
  return new ExpectedError(
    'run/encoderNotOnDevice',
    `expected a decoder on ${device}, found ${modelType}, an encoder`,
    'Let engine.device be "cpu" or "auto": encoders are trained on the CPU.',
    { field: 'engine.device' },
  );
}

/**
 * Devices that keep tensors train NeuroAda's deltas alone, and only they compute in float16.
 * @throws ExpectedError `run/methodNotOnDevice`, `run/precisionNotOnDevice`
 */
export function refuseOnDevice(method: Method, asked: DeviceName | 'auto', precision: Precision): void {
  if (asked === 'auto') return;
  if (precision === 'float16' && !CAPABILITIES[asked].allowsFloat16) throw precisionNotOnDevice(asked);
  if (method === 'neuroada' || !CAPABILITIES[asked].keepsTensors) return;
  throw new ExpectedError(
    'run/methodNotOnDevice',
    `expected the method neuroada on ${asked}, found ${method}`,
    'Let engine.device be "cpu" or "auto", or train with the method neuroada.',
    { field: 'engine.device' },
  );
}

function precisionNotOnDevice(device: DeviceName): ExpectedError {
  return new ExpectedError(
    'run/precisionNotOnDevice',
    `expected engine.precision "float32" on ${device}, found "float16"`,
    `Set it to "float32", or train on ${FLOAT16_DEVICES.join(' or ')}.`,
    { field: 'engine.precision' },
  );
}

/** Float16 was asked for, so the best device is one that computes it, however fast the CPU is. */
async function settleFloat16Device(asked: DeviceName | 'auto'): Promise<DeviceChoice> {
  const reports = await probeDevices({ devices: asked === 'auto' ? FLOAT16_DEVICES : [asked] });
  const device = reports.find(({ hasFloat16 }) => hasFloat16 === true)?.device;
  if (device !== undefined) {
    const { reasons } = resolveDevice(device, reports);
    return { device, reasons: [...reasons, 'it computes float16'] };
  }
  const [first = 'webgpu'] = FLOAT16_DEVICES;
  // What keeps the device from any use comes first.
  const { device: usable } = resolveDevice(asked === 'auto' ? first : asked, reports);
  throw noFloat16(usable);
}

/** @throws ExpectedError `runtime/deviceUnusable` where the device asked for is unusable */
export async function settleDevice(asked: DeviceName | 'auto'): Promise<DeviceChoice> {
  if (asked === 'cpu') return { device: 'cpu', reasons: ['the CPU was asked for'] };
  if (asked !== 'auto') return resolveDevice(asked, await probeDevices({ devices: [asked] }));
  if (await hasNoGpu()) return { device: 'cpu', reasons: ['on the CPU: this machine has no GPU'] };
  return resolveDevice('auto', await probeDevices({ devices: DEVICE_NAMES }));
}

/** The device that `auto` takes, by reports on all. */
export function recommendedDevice(reports: readonly DeviceReport[]): DeviceName {
  return resolveDevice('auto', reports).device;
}

/** Linux lists every GPU; elsewhere only a probe tells. */
async function hasNoGpu(): Promise<boolean> {
  return process.platform === 'linux' && (await listGpus()).length === 0;
}
