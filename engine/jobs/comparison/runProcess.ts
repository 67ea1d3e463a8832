/** Runs and what is asked of them, in processes of their own, one at a time. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { CancelledError, ExpectedError } from '../../errors/expected.ts';
import type { ProcessMessage, ProcessRequest, ProcessResults } from './message.ts';

/** Beside this file in a clone, and beside the bundle in a package. */
const ENTRY = join(import.meta.dirname, import.meta.filename.endsWith('.ts') ? 'main.ts' : 'comparisonRun.mjs');
const STDERR_LENGTH = 4096;

/**
 * Resolves when the process has ended. Where it is cancelled the run stops with a checkpoint first.
 *
 * @throws ExpectedError as the run fails, `comparison/processDied`; CancelledError
 */
export function runInProcess<R extends ProcessRequest>(
  request: R,
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<ProcessResults[R['kind']]> {
  return new Promise((resolve, reject) => {
    const child = fork(ENTRY, [], { silent: true, execArgv: [] });
    let last: ProcessMessage | undefined;
    let stderr = '';
    const stop = (): void => {
      if (child.connected) child.disconnect();
    };
    signal.addEventListener('abort', stop, { once: true });
    child.stdout?.resume();
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-STDERR_LENGTH);
    });
    child.on('message', (message) => {
      last = message as ProcessMessage;
      if (last.kind === 'progress') onProgress(last.done, last.total);
    });
    child.on('error', reject);
    child.on('close', (code, killer) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(new CancelledError());
      else if (last?.kind === 'done') resolve(last.result as ProcessResults[R['kind']]);
      else reject(failureOf(last, stderr, killer ?? `exit code ${String(code)}`));
    });
    child.send(request);
  });
}

function failureOf(last: ProcessMessage | undefined, stderr: string, end: string): Error {
  if (last?.kind === 'failed' && last.code !== 'bug') {
    return new ExpectedError(last.code, last.problem, last.fix, last.place);
  }
  if (last?.kind === 'failed') return new Error(last.problem);
  return new ExpectedError(
    'comparison/processDied',
    `the process of a run ended without a word (${end})${stderr === '' ? '' : `: ${stderr.trim()}`}`,
    'Free memory or use a smaller batch; the comparison goes on where it was when it is asked for again.',
  );
}
