/** The engine process that does the window's short jobs: started at the first one, ended when it has had none for a while. */
import type { JobMethod, JobProgress, JobRequests, JobsAddress } from '../../engine/protocol/rpc.ts';
import type { EngineConnection } from './engineConnection.ts';
import { CancelledError, EngineDiedError } from './engineError.ts';
import type { EngineCommand } from './engineLocation.ts';
import type { JobsProcess, StartedProcessEnd } from './engineProcess.ts';

const IDLE_LIMIT_MS = 120_000;

interface Session {
  readonly process: JobsProcess;
  readonly connection: EngineConnection;
}

export class JobsEngine {
  readonly #command: EngineCommand;
  #session: Promise<Session> | undefined;
  #process: JobsProcess | undefined;
  #jobsUnderWay = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  #isOutdated = false;

  constructor(command: EngineCommand) {
    this.#command = command;
  }

  /**
   * Does one job.
   * @throws CancelledError, EngineExpectedError, EngineBugError, EngineDiedError
   */
  async run<M extends JobMethod>(
    method: M,
    params: Omit<JobRequests[M]['params'], 'progressToken'>,
    signal: AbortSignal,
    onProgress: (progress: JobProgress) => void = () => undefined,
  ): Promise<JobRequests[M]['result']> {
    clearTimeout(this.#idleTimer);
    this.#jobsUnderWay += 1;
    try {
      this.#session ??= this.#start();
      const { connection, process } = await this.#session;
      try {
        return await connection.job(method, params, onProgress, signal);
      } catch (error) {
        if (!(error instanceof EngineDiedError)) throw error;
        throw signal.aborted ? new CancelledError() : diedError(await process.ended, process.errorTail());
      }
    } finally {
      this.#jobsUnderWay -= 1;
      this.#rest();
    }
  }

  /** Starts the process if there is none: a job is about to follow. */
  prepare(): void {
    clearTimeout(this.#idleTimer);
    this.#session ??= this.#start();
    // Whoever runs the job hears why there is no process.
    this.#session.catch(() => undefined);
    this.#rest();
  }

  /** Ends the process when no job is under way: what it has loaded is not what the next job should use. */
  restartWhenIdle(): void {
    if (this.#session === undefined) return;
    this.#isOutdated = true;
    this.#rest();
  }

  /** Closes the process's input: it cancels what it is at, cleans up and ends. */
  dispose(): void {
    clearTimeout(this.#idleTimer);
    this.#isOutdated = false;
    this.#process?.end();
    this.#process = undefined;
    this.#session = undefined;
  }

  #rest(): void {
    if (this.#jobsUnderWay > 0) return;
    if (this.#isOutdated) this.dispose();
    else this.#idleTimer = setTimeout(() => this.dispose(), IDLE_LIMIT_MS);
  }

  async #start(): Promise<Session> {
    try {
      const { startJobsProcess } = await import('./engineProcess.ts');
      const process = startJobsProcess(this.#command, ['jobs']);
      this.#process = process;
      void process.ended.then(() => {
        if (this.#process === process) this.dispose();
      });
      const { address, token } = await readAddress(process);
      const { connectEngine } = await import('./engineConnection.ts');
      return { process, connection: await connectEngine(address, token) };
    } catch (error) {
      this.dispose();
      throw error;
    }
  }
}

async function readAddress(process: JobsProcess): Promise<JobsAddress> {
  const line = await process.firstLine;
  if (line === undefined) throw diedError(await process.ended, process.errorTail());
  return JSON.parse(line) as JobsAddress;
}

function diedError({ exitCode, signal, startError }: StartedProcessEnd, errorTail: string): EngineDiedError {
  if (startError !== undefined) return new EngineDiedError('before it started', startError);
  return new EngineDiedError(signal === undefined ? `with exit code ${String(exitCode)}` : `by ${signal}`, errorTail);
}
