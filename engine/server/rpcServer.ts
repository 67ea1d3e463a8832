/** Listens on a private address and hands on connections that said hello with the right token and protocol version. */
import { timingSafeEqual } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import {
  createMessageConnection,
  ErrorCodes,
  ResponseError,
  SocketMessageWriter,
  StreamMessageReader,
  type CancellationToken,
  type Message,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { messageCodec } from '../protocol/binaryMessage.ts';
import {
  RPC_PROTOCOL_VERSION,
  type HelloResult,
  type RpcMethod,
  type RpcNotifications,
  type RpcRequests,
} from '../protocol/rpc.ts';
import { toResponseError } from './rpcError.ts';

/** A client that said hello. */
export interface RpcClient {
  onRequest<M extends RpcMethod>(
    method: M,
    handler: (params: RpcRequests[M]['params'], token: CancellationToken) => Promise<RpcRequests[M]['result']>,
  ): void;
  notify<N extends keyof RpcNotifications>(name: N, params: RpcNotifications[N]): void;
  readonly connection: MessageConnection;
  /** Fulfilled when the client is gone. */
  readonly closed: Promise<void>;
}

/** A client that has not said a good hello by then is cut off. */
const HELLO_TIMEOUT_MS = 10_000;

const utf8 = new TextDecoder();
const codec = messageCodec<Message>({ encode: (text) => Buffer.from(text), decode: (bytes) => utf8.decode(bytes) });

/**
 * Listens until the returned server is closed.
 * @param hello the answer to a good hello
 * @param accept registers what this client may ask for
 */
export async function serveRpc(
  address: string,
  token: string,
  hello: () => Omit<HelloResult, 'protocolVersion'>,
  accept: (client: RpcClient) => void,
): Promise<Server> {
  const server = createServer((socket) => {
    receive(socket, token, hello, accept);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, resolve);
  });
  return server;
}

function receive(
  socket: Socket,
  token: string,
  hello: () => Omit<HelloResult, 'protocolVersion'>,
  accept: (client: RpcClient) => void,
): void {
  const connection = createMessageConnection(
    new StreamMessageReader(socket, { contentTypeDecoder: codec }),
    new SocketMessageWriter(socket, { contentTypeEncoder: codec }),
  );
  const closed = new Promise<void>((resolve) => {
    socket.once('close', resolve);
  });
  socket.on('error', () => socket.destroy());
  connection.onError(() => socket.destroy());
  connection.onUnhandledNotification(() => undefined);
  const timer = setTimeout(() => socket.destroy(), HELLO_TIMEOUT_MS);
  void closed.then(() => {
    clearTimeout(timer);
    connection.dispose();
  });
  let isKnown = false;
  connection.onRequest('hello', (params: unknown): HelloResult => {
    const refusal = isKnown ? 'hello was said already' : refusalOf(params, token);
    if (refusal !== undefined) throw new ResponseError(ErrorCodes.InvalidRequest, refusal);
    isKnown = true;
    clearTimeout(timer);
    accept(rpcClient(connection, closed));
    return { protocolVersion: RPC_PROTOCOL_VERSION, ...hello() };
  });
  connection.listen();
}

function rpcClient(connection: MessageConnection, closed: Promise<void>): RpcClient {
  return {
    connection,
    closed,
    onRequest(method, handler) {
      connection.onRequest(method, async (params: RpcRequests[typeof method]['params'], token: CancellationToken) => {
        try {
          return await handler(params, token);
        } catch (error) {
          throw toResponseError(error);
        }
      });
    },
    notify(name, params) {
      connection.sendNotification(name, params).catch(() => connection.end());
    },
  };
}

function refusalOf(params: unknown, token: string): string | undefined {
  if (typeof params !== 'object' || params === null) return 'expected a hello with protocolVersion and token';
  const { protocolVersion, token: given } = params as Record<string, unknown>;
  if (typeof given !== 'string' || !isSame(given, token)) return 'the token is wrong';
  if (protocolVersion !== RPC_PROTOCOL_VERSION) {
    return `the engine speaks protocol version ${String(RPC_PROTOCOL_VERSION)}, the client ${String(protocolVersion)}`;
  }
  return undefined;
}

function isSame(given: string, token: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(token);
  return a.length === b.length && timingSafeEqual(a, b);
}
