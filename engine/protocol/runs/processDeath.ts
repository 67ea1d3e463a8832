/** How the process of a run ended when it ended otherwise than by its own will, in words for the run's log. */

/** Code of the failure of a run whose process died. */
export const PROCESS_DIED = 'run/processDied';

export interface ProcessEnd {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
}

/** Such as `exit code 134`. */
export function deathText({ exitCode, signal }: ProcessEnd): string {
  if (signal === 'SIGKILL') return 'killed by SIGKILL: by hand, or because memory ran out';
  if (signal === 'SIGABRT') return 'SIGABRT: aborted, perhaps because memory ran out';
  if (signal !== undefined) return `signal ${signal}`;
  return exitCode === undefined ? 'exit code unknown' : `exit code ${String(exitCode)}`;
}

/**
 * The reason that the log gives.
 * @param how see `deathText`; undefined where nobody saw it
 * @param logTail last lines of the process's output; empty where it said nothing
 */
export function deathReason(how: string | undefined, logTail: string): string {
  const end = `the engine process ended without finishing the run (${how ?? 'nobody saw how'})`;
  return logTail === '' ? end : `${end}; last lines of its log:\n${logTail}`;
}

const TAIL_LINES = 8;
const TAIL_CHARACTERS = 4_096;

/** The last lines of a process's output, as much as a person reads. */
export function logTail(output: string): string {
  return output.slice(-TAIL_CHARACTERS).trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
}
