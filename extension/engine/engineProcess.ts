/** Starting engine processes: one that outlives the editor to train a run, and one that ends with it to do jobs. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { execa, type Options } from 'execa';
import type { ProcessEnd } from '../../engine/protocol/runs/processDeath.ts';
import type { EngineCommand } from './engineLocation.ts';

/** How a process ended that was to be started. */
export interface StartedProcessEnd extends ProcessEnd {
  /** Why it could not even start. */
  readonly startError: string | undefined;
}

export interface RunningProcess {
  readonly pid: number | undefined;
  /** Never rejects. */
  readonly ended: Promise<StartedProcessEnd>;
}

export interface JobsProcess extends RunningProcess {
  /** The first line of its standard output; undefined where it ended without one. */
  readonly firstLine: Promise<string | undefined>;
  /** Closes its standard input. */
  readonly end: () => void;
  /** The last lines of standard error, so far. */
  readonly errorTail: () => string;
}

const ERROR_TAIL_CHARACTERS = 8_000;

/** Starts a process that goes on when the editor ends; its output goes to the end of the log file. */
export async function startRunProcess(
  command: EngineCommand,
  args: readonly string[],
  logFile: string,
): Promise<RunningProcess> {
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  await once(log, 'open');
  try {
    const subprocess = execa(command.program, [...command.arguments, ...args], {
      ...environmentOf(command),
      detached: true,
      cleanup: false,
      stdin: 'ignore',
      stdout: log,
      stderr: log,
    });
    subprocess.nodeChildProcess.unref();
    return { pid: subprocess.pid, ended: endOf(subprocess) };
  } finally {
    log.destroy();
  }
}

/**
 * For answers that are large and soon forgotten: a small young generation, and (of glibc) large blocks that go back to the
 * system when they are freed. Else tens of megabytes are kept for nothing.
 */
const JOBS_FLAGS = ['--max-semi-space-size=4'];
const JOBS_ENVIRONMENT = { MALLOC_MMAP_THRESHOLD_: '131072' };

/** Starts a process that ends when its standard input closes, which is at the latest when the editor ends. */
export function startJobsProcess(command: EngineCommand, args: readonly string[]): JobsProcess {
  const environment = { ...command.environment, ...JOBS_ENVIRONMENT };
  const pipes = { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' } as const;
  const options = { ...environmentOf({ ...command, environment }), ...pipes };
  const subprocess = execa(command.program, [...JOBS_FLAGS, ...command.arguments, ...args], options);
  let errorText = '';
  subprocess.stderr.setEncoding('utf8').on('data', (text: string) => {
    errorText = (errorText + text).slice(-ERROR_TAIL_CHARACTERS);
  });
  return {
    pid: subprocess.pid,
    ended: endOf(subprocess),
    firstLine: readFirstLine(subprocess.stdout),
    end: () => subprocess.stdin.end(),
    errorTail: () => errorText.trimEnd(),
  };
}

async function readFirstLine(output: Readable): Promise<string | undefined> {
  const lines = createInterface({ input: output });
  return new Promise((resolve) => {
    lines.once('line', resolve).once('close', () => {
      resolve(undefined);
    });
  });
}

function environmentOf(command: EngineCommand) {
  return {
    env: { ...command.environment },
    extendEnv: false,
    buffer: false,
    reject: false,
    windowsHide: true,
  } as const satisfies Options;
}

interface EndedProcess {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly originalMessage?: string | undefined;
}

async function endOf(subprocess: PromiseLike<EndedProcess>): Promise<StartedProcessEnd> {
  const { exitCode, signal, originalMessage } = await subprocess;
  const hasStarted = exitCode !== undefined || signal !== undefined;
  return { exitCode, signal, startError: hasStarted ? undefined : originalMessage };
}
