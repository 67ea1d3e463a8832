/**
 * The three kinds of error: *expected* (this class: bad input or environment, told to the user in one message),
 * *cancelled* (the user's own wish, no error to show) and *bug* (everything else, stack to the log).
 */

/** Where in the user's material an expected error lies. */
export interface ErrorPlace {
  readonly file?: string;
  /** Line in the file, counted from 1. */
  readonly line?: number;
  /** Field of a record or configuration, such as `data.train` or `messages[2].content`. */
  readonly field?: string;
  readonly tensor?: string;
}

/** An error that the user can act on: it names the place, what was expected and found, and what to do. */
export class ExpectedError extends Error {
  override readonly name = 'ExpectedError';
  /** Stable literal for programs and tests: `area/camelCaseName`, such as `checkpoint/corruptHeader`. */
  readonly code: string;
  readonly place: ErrorPlace;
  /** What the user can do, as a sentence. */
  readonly fix: string;
  /** What is wrong, without place and fix. */
  readonly problem: string;

  /**
   * @param code stable literal, `area/camelCaseName`
   * @param problem what was expected and what was found, without a final full stop
   * @param fix what to do next, a whole sentence
   */
  constructor(code: string, problem: string, fix: string, place: ErrorPlace = {}, cause?: unknown) {
    super(`${placeText(place)}${problem}. ${fix}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.problem = problem;
    this.fix = fix;
    this.place = place;
  }
}

/** Thrown where the user's cancellation ends an operation; shown to nobody. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
  constructor() {
    super('cancelled');
  }
}

function placeText(place: ErrorPlace): string {
  const position = place.line === undefined ? '' : `:${String(place.line)}`;
  const parts = [
    place.file === undefined ? undefined : `${place.file}${position}`,
    place.tensor === undefined ? undefined : `tensor ${place.tensor}`,
    place.field === undefined ? undefined : `field ${place.field}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? '' : `${parts.join(', ')}: `;
}
