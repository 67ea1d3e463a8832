/**
 * Reads Parquet in a process of its own: a damaged file can keep the decoder busy for ever or make it take memory without
 * limit, and only a process can be ended then without harm.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ExpectedError } from '../../errors/expected.ts';
import { explainingErrors } from '../../files/systemError.ts';
import type { RowGroup } from './parquetRows.ts';
import type { ParquetReply } from './parquetProcess.ts';
import type { ReportProblem } from '../problems.ts';
import type { SourceRecord } from './record.ts';

export interface ParquetLimits {
  /** Longest wait for further rows. */
  readonly timeoutMs: number;
  /** Memory for decoded values. */
  readonly memoryMB: number;
}

const MEMORY_LIMIT_MB = 2048;
const SHORTEST_TIMEOUT_MS = 30_000;
/** Far slower than any disk or decoder: a row group may be as large as the file. */
const SLOWEST_BYTES_PER_MS = 10_000;

/** Beside this file in a clone, and beside the bundle in a package. */
const ENTRY = join(
  import.meta.dirname,
  import.meta.filename.endsWith('.ts') ? 'parquetProcess.ts' : 'parquetProcess.mjs',
);
const STDERR_LENGTH = 4096;

/** The file's rows in order; what breaks the file's structure is reported and ends reading. */
export async function* readParquet(
  file: string,
  report: ReportProblem,
  limits?: ParquetLimits,
): AsyncGenerator<SourceRecord, void, undefined> {
  const { size } = await explainingErrors(file, () => stat(file));
  const timeoutMs = SHORTEST_TIMEOUT_MS + size / SLOWEST_BYTES_PER_MS;
  let row = 0;
  for await (const reply of replies(file, limits ?? { timeoutMs, memoryMB: MEMORY_LIMIT_MB })) {
    if (reply.kind === 'failed') {
      report(corruptParquet(file, reply.reason));
      return;
    }
    if (reply.kind === 'end') return;
    for (const record of recordsOf(reply.rows)) {
      row += 1;
      yield { record, place: { file, line: row, unit: 'row' } };
    }
  }
}

/** What the process answers; one that dies or stays silent counts as failed. It is ended in any case. */
async function* replies(file: string, limits: ParquetLimits): AsyncGenerator<ParquetReply, void, undefined> {
  const child = fork(ENTRY, [file], {
    silent: true,
    serialization: 'advanced',
    execArgv: [`--max-old-space-size=${String(limits.memoryMB)}`],
  });
  child.stdout?.resume();
  const conversation = converse(child, limits);
  try {
    for (;;) yield await conversation.next();
  } finally {
    child.kill('SIGKILL');
    await conversation.ended;
  }
}

interface Conversation {
  /** Asks for the next reply; from the process's death on, that is the answer. */
  readonly next: () => Promise<ParquetReply>;
  /** Fulfilled when the process has ended. */
  readonly ended: Promise<void>;
}

/** One question at a time. Nothing of a reply is kept once it is given, however many there are. */
function converse(child: ChildProcess, limits: ParquetLimits): Conversation {
  let death: ParquetReply | undefined;
  let answer: ((reply: ParquetReply) => void) | undefined;
  const settle = (reply: ParquetReply): void => {
    answer?.(reply);
    answer = undefined;
  };
  child.on('message', (message) => {
    settle(message as ParquetReply);
  });
  const ended = new Promise<void>((resolve) => {
    onDeath(child, limits, (reply) => {
      death ??= reply;
      settle(death);
      resolve();
    });
  });
  const next = (): Promise<ParquetReply> =>
    new Promise((resolve) => {
      if (death !== undefined) {
        resolve(death);
        return;
      }
      const timer = setTimeout(settle, limits.timeoutMs, {
        kind: 'failed',
        reason: `it gave no rows within ${String(Math.round(limits.timeoutMs / 1000))} s`,
      });
      answer = (reply) => {
        clearTimeout(timer);
        resolve(reply);
      };
      child.send('next', () => undefined); // A failure to send is a death, which is told by its own event.
    });
  return { next, ended };
}

function onDeath(child: ChildProcess, { memoryMB }: ParquetLimits, tell: (reply: ParquetReply) => void): void {
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-STDERR_LENGTH);
  });
  child.once('error', ({ message }) => {
    tell({ kind: 'failed', reason: `the process that reads it could not be started: ${message}` });
  });
  child.once('close', (code, signal) => {
    const isOutOfMemory = /out of memory|Array buffer allocation failed/i.test(stderr);
    const end = `the process that reads it ended with ${signal ?? `exit code ${String(code)}`}`;
    tell({ kind: 'failed', reason: isOutOfMemory ? `its rows take more than ${String(memoryMB)} MB` : end });
  });
}

function recordsOf({ rowCount, columns }: RowGroup): readonly Record<string, unknown>[] {
  return Array.from({ length: rowCount }, (_, row) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[row]])),
  );
}

function corruptParquet(file: string, reason: string): ExpectedError {
  const fix = 'Fetch or write the file again, or export the data as JSONL.';
  return new ExpectedError('data/corruptParquet', `cannot be read as Parquet: ${reason}`, fix, { file });
}
