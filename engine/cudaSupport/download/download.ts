/**
 * Downloads a large file into a part file, from where it stopped the last time (RFC 9110, 14: range requests). A cut
 * connection is taken up again; the bytes are the caller's to check.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { CancelledError, ExpectedError } from '../../errors/expected.ts';
import { explainingErrors } from '../../files/systemError.ts';
import { writeExactly } from '../../files/positionalAccess.ts';
import {
  bodyOf,
  InterruptedRequest,
  request,
  requestClock,
  requestError,
  statusText,
  type RequestClock,
} from './httpRequest.ts';
import { openPart, recordPart, removePart, type PartFile } from './partFile.ts';

export interface Download {
  readonly url: string;
  /** The part file. */
  readonly path: string;
  /** What the whole must have, where that is known. */
  readonly sizeBytes: number | undefined;
  /** What it may have at most. */
  readonly limitBytes: number;
  /** Told the bytes that are there and the whole, 0 where unknown. */
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  readonly signal: AbortSignal;
  /** Waiting time before the first of several tries; it doubles. */
  readonly retryDelayMs?: number;
}

/** Tries in a row that bring nothing. */
const TRIES = 5;
const RETRY_DELAY_MS = 1000;

/**
 * Fulfilled when all bytes are in the part file. What has come stays there where the download is interrupted or cancelled.
 * @throws CancelledError
 * @throws ExpectedError `cuda/unreachable`, `cuda/refused`, `cuda/interrupted`, `cuda/wrongSize`, `files/…`
 */
export async function download(task: Download): Promise<void> {
  await explainingErrors(task.path, async () => {
    let failures = 0;
    for (;;) {
      const before = await openPart(task.path, task.url);
      try {
        if (await downloadOn(task, before)) return;
        failures = 0;
      } catch (error) {
        if (!(error instanceof InterruptedRequest)) throw error;
        const after = await openPart(task.path, task.url);
        failures = after.sizeBytes > before.sizeBytes ? 1 : failures + 1;
        if (failures >= TRIES) throw interrupted(task.url, after.sizeBytes, error.message);
        await pause((task.retryDelayMs ?? RETRY_DELAY_MS) * 2 ** (failures - 1), task.signal);
      }
    }
  });
}

/** One request and its answer; false where the part was of no use and is gone, so that all must be asked for again. */
async function downloadOn(task: Download, part: PartFile): Promise<boolean> {
  if (part.sizeBytes > 0 && part.sizeBytes === task.sizeBytes) return true;
  const clock = requestClock(task.signal);
  try {
    const response = await request(task.url, rangeHeaders(part), clock.signal);
    if (isWhole(response, part)) return true;
    const start = startOf(response, part);
    if (start === undefined) {
      await response.body?.cancel();
      await removePart(task.path);
      return false;
    }
    const totalBytes = await checkedTotal(task, response, start);
    const etag = strongTag(response);
    await recordPart(task.path, task.url, etag);
    await writeBody(task, response, start, totalBytes, clock);
    return true;
  } catch (error) {
    if (error instanceof ExpectedError && error.code === 'cuda/wrongSize') await removePart(task.path);
    throw requestError(task.url, error, clock.signal);
  } finally {
    clock.stop();
  }
}

function rangeHeaders({ sizeBytes, etag }: PartFile): Record<string, string> {
  const plain = { 'accept-encoding': 'identity' };
  if (sizeBytes === 0) return plain;
  return { ...plain, range: `bytes=${String(sizeBytes)}-`, ...(etag !== undefined && { 'if-range': etag }) };
}

/** A server that is asked for what comes after the end says that there is none, and where the end is. */
function isWhole(response: Response, { sizeBytes }: PartFile): boolean {
  return response.status === 416 && response.headers.get('content-range') === `bytes */${String(sizeBytes)}`;
}

/** The byte that the body begins with; undefined where what is there is not its beginning. */
function startOf(response: Response, part: PartFile): number | undefined {
  if (response.status === 200) return 0;
  if (part.sizeBytes === 0 || ![206, 416].includes(response.status)) throw refused(response);
  const hasChanged = part.etag !== undefined && strongTag(response) !== part.etag;
  return rangeOf(response)?.start === part.sizeBytes && !hasChanged ? part.sizeBytes : undefined;
}

/** `bytes 100-299/300` begins at 100 and is of 300; the whole may be unknown. */
function rangeOf(response: Response): { readonly start: number; readonly totalBytes: number | undefined } | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  if (match === null) return undefined;
  return { start: Number(match[1]), totalBytes: match[2] === '*' ? undefined : Number(match[2]) };
}

/** Weak tags (`W/"…"`) name what is equivalent, not the same bytes. */
function strongTag(response: Response): string | undefined {
  const tag = response.headers.get('etag');
  return tag?.startsWith('"') === true ? tag : undefined;
}

/** @returns the size of the whole, where answer or caller know it */
async function checkedTotal(task: Download, response: Response, start: number): Promise<number | undefined> {
  const length = response.headers.get('content-length');
  const announced =
    response.status === 206 ? rangeOf(response)?.totalBytes : length === null ? undefined : Number(length);
  const { sizeBytes, limitBytes } = task;
  const isWrong = announced !== undefined && sizeBytes !== undefined && announced !== sizeBytes;
  if (!isWrong && (announced ?? start) <= limitBytes) return sizeBytes ?? announced;
  await response.body?.cancel();
  throw wrongSize(task, `the server announces ${String(announced)} bytes`);
}

async function writeBody(
  task: Download,
  response: Response,
  start: number,
  totalBytes: number | undefined,
  clock: RequestClock,
): Promise<void> {
  const handle = await open(task.path, start === 0 ? 'w' : 'r+');
  let done = start;
  try {
    for await (const chunk of bodyOf(response)) {
      clock.pulse();
      if (done + chunk.length > (totalBytes ?? task.limitBytes)) throw wrongSize(task, 'more came');
      await writeExactly(handle, chunk, done);
      done += chunk.length;
      task.onProgress(done, totalBytes ?? 0);
    }
  } finally {
    await settle(handle);
  }
  if (totalBytes !== undefined && done < totalBytes) throw new InterruptedRequest('the answer ended early');
}

async function settle(handle: FileHandle): Promise<void> {
  await handle.sync();
  await handle.close();
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(durationMs, undefined, { signal });
  } catch {
    throw new CancelledError();
  }
}

function refused(response: Response): ExpectedError {
  return new ExpectedError(
    'cuda/refused',
    `${response.url}: the server answered ${statusText(response)}`,
    'Check the address, or give another one with --from.',
  );
}

function interrupted(url: string, doneBytes: number, problem: string): ExpectedError {
  return new ExpectedError(
    'cuda/interrupted',
    `the download of ${url} was interrupted after ${String(doneBytes)} bytes: ${problem}`,
    'Start it again: it goes on from there.',
  );
}

function wrongSize({ url, sizeBytes, limitBytes }: Download, found: string): ExpectedError {
  const expected = sizeBytes === undefined ? `at most ${String(limitBytes)}` : String(sizeBytes);
  return new ExpectedError(
    'cuda/wrongSize',
    `${url}: expected ${expected} bytes, ${found}`,
    'The archive there is another one: check the address, or give another one with --from.',
  );
}
