/** Ctrl+C and its like: the first asks the job to stop in good order, the second ends the process at once. */
import { STOP_SIGNALS, type StopSignal } from './exitCode.ts';

export interface Interruption {
  readonly signal: AbortSignal;
  /** The signal that asked to stop, if one did. */
  readonly received: () => StopSignal | undefined;
  readonly dispose: () => void;
}

/**
 * Listens for the first stop signal. Then no handler is left, so the second signal meets the system's default and ends
 * the process even in the middle of a long computation.
 */
export function listenForInterruption(onStop: (signal: StopSignal) => void): Interruption {
  const controller = new AbortController();
  let received: StopSignal | undefined;
  const dispose = (): void => {
    for (const name of Object.keys(STOP_SIGNALS)) process.off(name, stop);
  };
  const stop = (name: StopSignal): void => {
    dispose();
    received = name;
    onStop(name);
    controller.abort();
  };
  for (const name of Object.keys(STOP_SIGNALS)) process.on(name, stop);
  return { signal: controller.signal, received: () => received, dispose };
}
