/** What went wrong in a session, told apart: memory that ran out and devices that are missing are the user's to solve. */
import { fileURLToPath } from 'node:url';
import { ExpectedError } from '../errors/expected.ts';
import type { DeviceName } from '../protocol/devices.ts';
import type { RuntimeOptions } from './session.ts';

export function creationError(options: RuntimeOptions, cause: unknown): Error {
  if (isOutOfMemory(cause)) return outOfMemory(options, cause);
  if (options.device !== 'cpu' && isMissingDevice(cause)) {
    return new ExpectedError(
      'runtime/deviceUnusable',
      `the device ${options.device} cannot be used: ${textOf(cause)}`,
      'Run `neuroada devices` to see which devices are usable and what the others need.',
      {},
      cause,
    );
  }
  return new Error(`session ${options.name} could not be created on ${options.device}: ${textOf(cause)}`, { cause });
}

export function runError(options: RuntimeOptions, cause: unknown): Error {
  if (isOutOfMemory(cause)) return outOfMemory(options, cause);
  if (/requires f16 but the device does not support it/i.test(textOf(cause))) return noFloat16(options.device, cause);
  return new Error(`session ${options.name} failed on ${options.device}: ${textOf(cause)}`, { cause });
}

/** @param module address of the copy's module */
export function copyError(module: string, cause: unknown): ExpectedError {
  return new ExpectedError(
    'cuda/copyUnusable',
    `the copy of ONNX Runtime with CUDA support cannot be loaded: ${textOf(cause)}`,
    'Remove it with "NeuroAda: Remove CUDA Support" or `neuroada cuda remove`, then install it again.',
    { file: fileURLToPath(module) },
    cause,
  );
}

/** A device that is asked for 16-bit floats and computes none. */
export function noFloat16(device: DeviceName, cause?: unknown): ExpectedError {
  return new ExpectedError(
    'runtime/noFloat16',
    `expected a ${device} device that computes float16, found one that does not`,
    'Set engine.precision to "float32"; or update the graphics driver, if the GPU has 16-bit floats (WebGPU: shader-f16).',
    { field: 'engine.precision' },
    cause,
  );
}

export function outdatedRuntime(cause: unknown): ExpectedError {
  return new ExpectedError(
    'runtime/deviceUnusable',
    'CUDA support was installed or removed after this process had loaded the runtime',
    'Try again in a few minutes, when the process has ended, or reload the window.',
    {},
    cause,
  );
}

function outOfMemory(options: RuntimeOptions, cause: unknown): ExpectedError {
  return new ExpectedError(
    'runtime/outOfMemory',
    `memory of ${options.device} ran out in session ${options.name}: ${shortageOf(textOf(cause))}`,
    'Use a smaller micro-batch or a shorter sequence length, or the layered plan.',
    {},
    cause,
  );
}

/** The runtime tells these by text only; threads fail where there is no room for their stacks. */
function isOutOfMemory(cause: unknown): boolean {
  return /failed to allocate memory|bad_alloc|bad allocation|out of memory|pthread_create failed/i.test(textOf(cause));
}

/** What was asked for in vain, where the text tells, without the places in the runtime's source. */
function shortageOf(text: string): string {
  const bytes = /failed to allocate memory for requested buffer of size (\d+)/i.exec(text)?.[1];
  return bytes === undefined ? text : `${bytes} bytes could not be had`;
}

function isMissingDevice(cause: unknown): boolean {
  return /adapter|no available backend|backend not found|failed to load (shared )?library|is unsupported|^CUDA failure/i.test(
    textOf(cause),
  );
}

/**
 * The message on one line, without the place in the runtime's own source and without a final full stop; of a failure in
 * CUDA what CUDA itself says of it.
 */
function textOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  const ofCuda = /CUDA failure \d+: [^;]+/.exec(text)?.[0];
  return (ofCuda ?? text)
    .replaceAll(/\s+/g, ' ')
    .replace(/^\/\S+\.(cc|h|cpp):\d+ /, '')
    .replace(/[\s.]+$/, '');
}
