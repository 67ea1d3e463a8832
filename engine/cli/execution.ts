/** Runs one job under the command line: reporting, interruption, failure and exit code around it. */
import type { JobObserver } from '../jobs/contract.ts';
import { EXIT_CODES, STOP_SIGNALS } from './exitCode.ts';
import { exitCodeOf, failureOf } from './failure.ts';
import { interactiveReporter } from './interactiveReporter.ts';
import { listenForInterruption } from './interruption.ts';
import { jsonReporter } from './jsonReporter.ts';
import { plainReporter } from './plainReporter.ts';
import type { Reporter } from './reporter.ts';
import type { Terminal } from './terminal.ts';

export interface Execution {
  readonly command: string;
  readonly isJson: boolean;
  readonly terminal: Terminal;
  /** What the first Ctrl+C does, as a sentence. */
  readonly stopNote?: string;
  /** What is left where the job was cancelled, as a sentence. */
  readonly cancelNote?: string;
}

/** What a command gives: a value for programs, lines for people. */
export interface Outcome {
  readonly value: object;
  readonly lines: readonly string[];
  /** The job was stopped by the user's signal and saved what it had. */
  readonly isStopped?: boolean;
}

/** What the work of a command may use. */
export interface JobContext {
  readonly observer: Required<JobObserver>;
  readonly signal: AbortSignal;
  /** Says something to people while the job runs. */
  readonly note: (text: string) => void;
  /** Says where the trace of a bug goes from here on. */
  readonly logTo: (file: string) => void;
}

/** @returns the exit code */
export async function execute(execution: Execution, work: (context: JobContext) => Promise<Outcome>): Promise<number> {
  const reporter = reporterOf(execution);
  const note = execution.stopNote ?? 'Stopping. Again to quit at once.';
  const interruption = listenForInterruption(() => reporter.note(note));
  const interruptedCode = (): number | undefined => {
    const received = interruption.received();
    return received === undefined ? undefined : STOP_SIGNALS[received];
  };
  let logFile: string | undefined;
  try {
    const logTo = (file: string): void => {
      logFile = file;
    };
    const sayNote = (text: string): void => {
      reporter.note(text);
    };
    const outcome = await work({ observer: reporter, signal: interruption.signal, note: sayNote, logTo });
    reporter.result(outcome.value, outcome.lines);
    return outcome.isStopped === true ? (interruptedCode() ?? EXIT_CODES.done) : EXIT_CODES.done;
  } catch (error) {
    const failure = failureOf(error, { logFile, cancelNote: execution.cancelNote });
    reporter.failure(failure);
    return failure.kind === 'cancelled' ? (interruptedCode() ?? EXIT_CODES.expectedError) : exitCodeOf(failure);
  } finally {
    interruption.dispose();
  }
}

function reporterOf({ terminal, command, isJson }: Execution): Reporter {
  const now = (): number => performance.now();
  if (isJson) return jsonReporter(terminal, command, now);
  return terminal.isInteractive ? interactiveReporter(terminal, now) : plainReporter(terminal, now);
}
