/** A feed and an archive behind it, served from this machine, with the faults that a test asks for. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** What the next answers do; a test may change it between two requests. */
export interface Behaviour {
  archive: Buffer;
  etag: string | undefined;
  /**
   * The connection of the next answers is cut after this many bytes each: as soon as the test says that they were
   * `received`, for a client may throw away what it has not read when the connection ends.
   */
  cuts: number[];
  /** The next answer stops after this many bytes, and the connection stays. */
  stall: number | undefined;
  /** Answers with these first, such as 503. */
  statuses: number[];
  ignoresRanges: boolean;
  /** Fields of the catalog entry that differ from the truth. */
  catalog: Record<string, unknown>;
}

export interface ArchiveServer {
  readonly origin: string;
  readonly feed: string;
  readonly archiveUrl: string;
  readonly behaviour: Behaviour;
  /** Ranges that the archive was asked for; an empty string for all of it. */
  readonly ranges: string[];
  readonly received: (doneBytes: number) => void;
  /** Every path that was asked for. */
  readonly paths: string[];
}

export const PACKAGE = 'Microsoft.ML.OnnxRuntime.Gpu.Linux';

export async function serveArchive(archive: Buffer, version: string): Promise<ArchiveServer> {
  const behaviour: Behaviour = {
    ...{ archive, etag: '"first"', cuts: [], stall: undefined, statuses: [], ignoresRanges: false, catalog: {} },
  };
  const ranges: string[] = [];
  const paths: string[] = [];
  let cut: PendingCut | undefined;
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    paths.push(path);
    if (path.endsWith('.nupkg')) {
      ranges.push(request.headers.range ?? '');
      cut = sendArchive(behaviour, request, response);
    } else {
      const description = describe(path, origin, version, behaviour);
      response.writeHead(description === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(description ?? {}));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const received = (doneBytes: number): void => {
    if (doneBytes === cut?.atByte) cut.socket.destroy();
  };
  const addresses = { origin, feed: `${origin}/index.json`, archiveUrl: `${origin}/content.nupkg` };
  return { ...addresses, behaviour, ranges, paths, received };
}

function describe(path: string, origin: string, version: string, { archive, catalog }: Behaviour): object | undefined {
  const answers: Record<string, object> = {
    '/index.json': { resources: [{ '@id': `${origin}/registration`, '@type': 'RegistrationsBaseUrl/3.6.0' }] },
    [`/registration/${PACKAGE.toLowerCase()}/${version}.json`]: {
      packageContent: `${origin}/content.nupkg`,
      catalogEntry: `${origin}/catalog.json`,
    },
    '/catalog.json': {
      id: PACKAGE,
      version,
      packageHash: createHash('sha512').update(archive).digest('base64'),
      packageHashAlgorithm: 'SHA512',
      packageSize: archive.length,
      ...catalog,
    },
  };
  return answers[path];
}

/** A connection that ends when the client has this much of the archive. */
interface PendingCut {
  readonly socket: Socket;
  readonly atByte: number;
}

function sendArchive(behaviour: Behaviour, request: IncomingMessage, response: ServerResponse): PendingCut | undefined {
  const status = behaviour.statuses.shift();
  if (status !== undefined) {
    response.writeHead(status).end();
    return undefined;
  }
  const { archive, etag, ignoresRanges } = behaviour;
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const isSame = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
  const start = asked === undefined || !isSame || ignoresRanges ? 0 : Number(asked);
  const tag = etag === undefined ? {} : { etag };
  const total = String(archive.length);
  if (start >= archive.length) {
    response.writeHead(416, { 'content-range': `bytes */${total}`, ...tag }).end();
    return undefined;
  }
  const range = { 'content-range': `bytes ${String(start)}-${String(archive.length - 1)}/${total}` };
  const length = { 'content-length': String(archive.length - start) };
  response.writeHead(start === 0 ? 200 : 206, { ...length, ...tag, ...(start > 0 && range) });
  const { stall } = behaviour;
  behaviour.stall = undefined;
  const cut = stall ?? behaviour.cuts.shift();
  if (cut === undefined) response.end(archive.subarray(start));
  else if (cut === 0) request.socket.destroy();
  else response.write(archive.subarray(start, start + cut));
  return cut === undefined || stall !== undefined ? undefined : { socket: request.socket, atByte: start + cut };
}
