/** Requests over HTTP whose failures say what to do, and that never leave TLS once they began with it. */
import { CancelledError, ExpectedError } from '../../errors/expected.ts';

/** Longest time without an answer, or without a byte of it. */
const IDLE_LIMIT_MS = 60_000;
/** Of a description; the largest here has a few hundred kilobytes. */
const LARGEST_TEXT_BYTES = 16 << 20;

/** A request that could not be answered now but perhaps a little later. */
export class InterruptedRequest extends Error {
  override readonly name = 'InterruptedRequest';
}

/** Gives up where nothing happens for a while; call `pulse` whenever something does. */
export interface RequestClock {
  readonly signal: AbortSignal;
  readonly pulse: () => void;
  readonly stop: () => void;
}

export function requestClock(signal: AbortSignal): RequestClock {
  const idle = new AbortController();
  const giveUp = (): void => {
    idle.abort(new InterruptedRequest(`nothing came for ${String(IDLE_LIMIT_MS / 1000)} s`));
  };
  let timer = setTimeout(giveUp, IDLE_LIMIT_MS);
  return {
    signal: AbortSignal.any([signal, idle.signal]),
    pulse: () => {
      clearTimeout(timer);
      timer = setTimeout(giveUp, IDLE_LIMIT_MS);
    },
    stop: () => {
      clearTimeout(timer);
    },
  };
}

/**
 * The answer's head; its body may be any.
 * @throws InterruptedRequest where another try may succeed
 * @throws ExpectedError `cuda/unreachable`, `cuda/insecure`
 */
export async function request(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { headers, signal });
  } catch (error) {
    throw requestError(url, error, signal);
  }
  if (url.startsWith('https:') && !response.url.startsWith('https:')) {
    throw new ExpectedError(
      'cuda/insecure',
      `${url} led to ${response.url}, which is not encrypted`,
      'Give another address, or fetch the archive yourself and give its path.',
    );
  }
  if (response.status === 429 || response.status >= 500) {
    throw new InterruptedRequest(`the server answered ${statusText(response)}`);
  }
  return response;
}

/** @throws ExpectedError `cuda/noSuchDescription` where the answer is no JSON object, and as `request` */
export async function requestJson(url: string, signal: AbortSignal): Promise<unknown> {
  const clock = requestClock(signal);
  try {
    const response = await request(url, { accept: 'application/json' }, clock.signal);
    if (!response.ok) throw badDescription(url, `the server answered ${statusText(response)}`);
    return JSON.parse(await readText(url, response, clock)) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) throw badDescription(url, 'expected JSON, found other text');
    throw error instanceof InterruptedRequest ? unreachable(url, error.message) : requestError(url, error, signal);
  } finally {
    clock.stop();
  }
}

async function readText(url: string, response: Response, clock: RequestClock): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bodyOf(response)) {
    clock.pulse();
    chunks.push(chunk);
    length += chunk.length;
    if (length > LARGEST_TEXT_BYTES) throw badDescription(url, 'the answer is far larger than a description');
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function bodyOf(response: Response): AsyncIterable<Uint8Array> {
  return (response.body ?? []) as AsyncIterable<Uint8Array>;
}

export function statusText({ status, statusText: words }: Response): string {
  return words === '' ? String(status) : `${String(status)} ${words}`;
}

/** What went wrong in words: errors that the network raised name the code that its cause carries. */
export function requestError(url: string, error: unknown, signal: AbortSignal): unknown {
  if (error instanceof ExpectedError || error instanceof InterruptedRequest) return error;
  if (signal.reason instanceof InterruptedRequest) return signal.reason;
  if (signal.aborted) return new CancelledError();
  if (!(error instanceof Error)) return error;
  const cause = error.cause instanceof Error ? error.cause : error;
  const code = 'code' in cause ? String(cause.code) : '';
  if (TRANSIENT.test(code)) return new InterruptedRequest(cause.message === '' ? code : cause.message);
  return error instanceof TypeError ? unreachable(url, cause.message === '' ? code : cause.message) : error;
}

/** Of a connection that was there and went away. */
const TRANSIENT = /^(ECONNRESET|EPIPE|ETIMEDOUT|UND_ERR_SOCKET|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/;

function unreachable(url: string, problem: string): ExpectedError {
  return new ExpectedError(
    'cuda/unreachable',
    `${url} cannot be reached: ${problem}`,
    'Check the network (behind a proxy: HTTPS_PROXY, and NODE_USE_ENV_PROXY=1), or fetch the archive on another machine: `neuroada cuda source` tells its address and hash; install it with --from and --sha512, or by the settings neuroada.cudaArchive and neuroada.cudaArchiveSha512.',
  );
}

function badDescription(url: string, problem: string): ExpectedError {
  return new ExpectedError(
    'cuda/badDescription',
    `${url} does not describe the archive: ${problem}`,
    'Check the address of the feed, or give the archive with --from and its hash with --sha512.',
  );
}
