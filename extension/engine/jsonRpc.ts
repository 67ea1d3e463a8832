/** JSON-RPC over sockets, in a file of its own that a window loads when it first talks to a process. */
export {
  CancellationTokenSource,
  createMessageConnection,
  ErrorCodes,
  ProgressType,
  ResponseError,
  SocketMessageWriter,
  StreamMessageReader,
} from 'vscode-jsonrpc/node';
