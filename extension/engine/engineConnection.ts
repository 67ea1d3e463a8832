/** A connection to an engine process: the hello with token and version, typed requests, and errors as their own kinds. */
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Message, MessageConnection } from 'vscode-jsonrpc/node';
import { messageCodec } from '../../engine/protocol/binaryMessage.ts';
import {
  RPC_PROTOCOL_VERSION,
  RPC_REQUEST_CANCELLED,
  type HelloResult,
  type JobMethod,
  type JobProgress,
  type JobRequests,
  type RpcErrorData,
  type RpcMethod,
  type RpcNotifications,
  type RpcRequests,
} from '../../engine/protocol/rpc.ts';
import type * as JsonRpc from './jsonRpc.ts';
import { CancelledError, EngineBugError, EngineDiedError, EngineExpectedError } from './engineError.ts';

export interface EngineConnection {
  readonly hello: HelloResult;
  request<M extends RpcMethod>(
    method: M,
    params: RpcRequests[M]['params'],
    signal?: AbortSignal,
  ): Promise<RpcRequests[M]['result']>;
  job<M extends JobMethod>(
    method: M,
    params: Omit<JobRequests[M]['params'], 'progressToken'>,
    onProgress: (progress: JobProgress) => void,
    signal: AbortSignal,
  ): Promise<JobRequests[M]['result']>;
  onNotification<N extends keyof RpcNotifications>(name: N, handler: (params: RpcNotifications[N]) => void): void;
  /** Fulfilled when the connection has ended, from whichever side. */
  readonly closed: Promise<void>;
  dispose(): void;
}

const CONNECT_TIMEOUT_MS = 30_000;
const utf8 = new TextDecoder();
const codec = messageCodec<Message>({ encode: (text) => Buffer.from(text), decode: (bytes) => utf8.decode(bytes) });
/** An answer that came just before the end is still on its way through the reader. */
const LAST_MESSAGES_MS = 50;

/**
 * Connects and says hello.
 * @throws where nothing listens at the address, or it refuses the token or protocol version
 */
export async function connectEngine(address: string, token: string): Promise<EngineConnection> {
  const rpc = await import('./jsonRpc.ts');
  const socket = await openSocket(address);
  const connection = rpc.createMessageConnection(
    new rpc.StreamMessageReader(socket, { contentTypeDecoder: codec }),
    new rpc.SocketMessageWriter(socket, { contentTypeEncoder: codec }),
  );
  const closed = new Promise<void>((resolve) => {
    socket.once('close', resolve);
  });
  connection.onError(() => socket.destroy());
  connection.listen();
  const send = sender(rpc, connection, closed);
  const timer = setTimeout(() => socket.destroy(), CONNECT_TIMEOUT_MS);
  try {
    const hello = await send('hello', { protocolVersion: RPC_PROTOCOL_VERSION, token });
    return engineConnection(rpc, { connection, socket, closed, send, hello });
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

type Send = <M extends RpcMethod>(
  method: M,
  params: RpcRequests[M]['params'],
  signal?: AbortSignal,
) => Promise<RpcRequests[M]['result']>;

interface OpenConnection {
  readonly connection: MessageConnection;
  readonly socket: Socket;
  readonly closed: Promise<void>;
  readonly send: Send;
  readonly hello: HelloResult;
}

function engineConnection(
  rpc: typeof JsonRpc,
  { connection, socket, closed, send, hello }: OpenConnection,
): EngineConnection {
  const jobProgressType = new rpc.ProgressType<JobProgress>();
  let nextToken = 1;
  return {
    hello,
    closed,
    request: send,
    async job(method, params, onProgress, signal) {
      const progressToken = nextToken++;
      const listener = connection.onProgress(jobProgressType, progressToken, onProgress);
      try {
        return await send(method, { ...params, progressToken }, signal);
      } finally {
        listener.dispose();
      }
    },
    onNotification(name, handler) {
      connection.onNotification(name, handler);
    },
    dispose() {
      connection.dispose();
      socket.destroy();
    },
  };
}

function sender(rpc: typeof JsonRpc, connection: MessageConnection, closed: Promise<void>): Send {
  // Not a promise that each answer races against: it would hold every answer as long as the connection lives.
  const waiting = new Set<(error: unknown) => void>();
  let isClosed = false;
  void closed.then(async () => {
    await delay(LAST_MESSAGES_MS);
    isClosed = true;
    for (const reject of waiting) reject(new EngineDiedError('before it answered', ''));
  });
  const whileOpen = <R>(answer: Promise<R>): Promise<R> =>
    new Promise((resolve, reject) => {
      if (isClosed) reject(new EngineDiedError('before it answered', ''));
      waiting.add(reject);
      answer.then(resolve, reject).finally(() => waiting.delete(reject));
    });
  return async (method, params, signal) => {
    if (signal?.aborted === true) throw new CancelledError();
    const cancellation = new rpc.CancellationTokenSource();
    const cancel = () => cancellation.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const answer = connection.sendRequest<RpcRequests[typeof method]['result']>(method, params, cancellation.token);
      return await whileOpen(answer);
    } catch (error) {
      throw fromWire(rpc, error);
    } finally {
      signal?.removeEventListener('abort', cancel);
      cancellation.dispose();
    }
  };
}

function fromWire({ ErrorCodes, ResponseError }: typeof JsonRpc, error: unknown): unknown {
  if (!(error instanceof ResponseError)) return error;
  if (error.code === RPC_REQUEST_CANCELLED) return new CancelledError();
  if (error.code === ErrorCodes.PendingResponseRejected) return new EngineDiedError('before it answered', '');
  const data = error.data as RpcErrorData | undefined;
  if (data === undefined) return error;
  return data.kind === 'expected'
    ? new EngineExpectedError(error.message, data)
    : new EngineBugError(error.message, data.stack);
}

function openSocket(address: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.removeListener('error', reject);
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
    socket.once('error', reject);
  });
}
