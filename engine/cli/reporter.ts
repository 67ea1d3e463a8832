/** How a command reports: on a terminal with a line that is redrawn, in a pipe with plain lines, or as JSON. */
import type { JobObserver } from '../jobs/contract.ts';
import type { Failure } from './failure.ts';

export interface Reporter extends Required<JobObserver> {
  /** Something for people while the job runs, such as what a first Ctrl+C does. */
  readonly note: (text: string) => void;
  /** The outcome: `value` for programs, `lines` for people. */
  readonly result: (value: object, lines: readonly string[]) => void;
  readonly failure: (failure: Failure) => void;
}
