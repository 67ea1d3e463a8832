/** Exit codes of every command. */

export const EXIT_CODES = {
  done: 0,
  /** An error that the user can act on; its message says how. */
  expectedError: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** A bug in the product; the message says where its trace is. */
  bug: 3,
} as const;

/** Signals that stop a command in good order; it then exits with 128 and the signal's number, as shells do. */
export const STOP_SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

export type StopSignal = keyof typeof STOP_SIGNALS;
