/** Failures that reach the user from the engine, kept apart: expected ones, bugs, and the death of the process. */
import type { ErrorPlaceData, RpcErrorData } from '../../engine/protocol/rpc.ts';

/** The engine refused the request for a reason that the user can act on. */
export class EngineExpectedError extends Error {
  override readonly name = 'EngineExpectedError';
  readonly code: string;
  readonly problem: string;
  readonly fix: string;
  readonly place: ErrorPlaceData;

  constructor(message: string, data: Extract<RpcErrorData, { kind: 'expected' }>) {
    super(message);
    this.code = data.code;
    this.problem = data.problem;
    this.fix = data.fix;
    this.place = data.place;
  }
}

/** A bug in the engine; `engineStack` is for the log. */
export class EngineBugError extends Error {
  override readonly name = 'EngineBugError';
  readonly engineStack: string;

  constructor(message: string, engineStack: string) {
    super(message);
    this.engineStack = engineStack;
  }
}

/** The engine process ended before it answered. */
export class EngineDiedError extends Error {
  override readonly name = 'EngineDiedError';
  /** The last lines of its standard error. */
  readonly errorTail: string;

  constructor(how: string, errorTail: string) {
    super(`The engine process ended ${how}${errorTail === '' ? '' : `:\n${errorTail}`}`);
    this.errorTail = errorTail;
  }
}

/** The user cancelled; shown to nobody. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
  constructor() {
    super('cancelled');
  }
}
