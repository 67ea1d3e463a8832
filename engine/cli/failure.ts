/** What the command line says of an error: expected ones in a message with the fix, bugs with their trace. */
import { appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigurationProblems } from '../configuration/problems.ts';
import { CancelledError, ExpectedError } from '../errors/expected.ts';
import { EXIT_CODES } from './exitCode.ts';

export interface Failure {
  readonly kind: 'expected' | 'cancelled' | 'bug';
  /** For people. */
  readonly lines: readonly string[];
  /** For programs. */
  readonly details: object;
}

/** Problems of a configuration that are listed for people. */
const SHOWN_PROBLEMS = 10;

export interface FailureContext {
  /** Where the trace of a bug goes; default: a file in the system's temporary folder. */
  readonly logFile?: string | undefined;
  /** What is left after a cancelled job, as a sentence. */
  readonly cancelNote?: string | undefined;
}

export function failureOf(error: unknown, { logFile, cancelNote }: FailureContext = {}): Failure {
  if (error instanceof CancelledError) {
    return { kind: 'cancelled', lines: [cancelNote ?? 'Cancelled; nothing was left behind.'], details: {} };
  }
  return error instanceof ExpectedError ? expectedFailure(error) : bugFailure(error, logFile);
}

export function exitCodeOf(failure: Failure): number {
  return failure.kind === 'bug' ? EXIT_CODES.bug : EXIT_CODES.expectedError;
}

function expectedFailure(error: ExpectedError): Failure {
  const { code, problem, fix, place } = error;
  const details = { code, problem, fix, place };
  if (!isConfigurationProblems(error)) return { kind: 'expected', lines: [`Error: ${error.message}`], details };
  const { problems } = error;
  const count = problems.length === 1 ? 'There is a problem' : `There are ${String(problems.length)} problems`;
  const lines = problems.slice(0, SHOWN_PROBLEMS).map(({ flag, line, column, field, message }) => {
    const position = place.file === undefined ? undefined : `${place.file}:${String(line)}:${String(column)}`;
    return `  ${[flag ?? position, field, message].filter((part) => part !== undefined && part !== '').join(': ')}`;
  });
  const hidden = problems.length - lines.length;
  const more = hidden === 0 ? [] : [`  … and ${String(hidden)} more`];
  return {
    kind: 'expected',
    lines: [`Error: ${count} in the configuration.`, ...lines, ...more, fix],
    details: { ...details, problems },
  };
}

/** By its code: the class lives with the schema, which most errors need not load. */
function isConfigurationProblems(error: ExpectedError): error is ConfigurationProblems {
  return error.code === 'configuration/invalid';
}

function bugFailure(error: unknown, logFile = join(tmpdir(), `neuroada-${String(process.pid)}.log`)): Failure {
  const trace = traceOf(error);
  appendFileSync(logFile, `${new Date().toISOString()} ${trace}\n`);
  return {
    kind: 'bug',
    lines: ['Error: this is a bug in NeuroAda.', trace, `The trace is also in ${logFile}`],
    details: { code: 'bug', problem: error instanceof Error ? error.message : String(error), trace, logFile },
  };
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\nCaused by: ${traceOf(error.cause)}`;
}
