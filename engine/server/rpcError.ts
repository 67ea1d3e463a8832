/** Errors on the wire: an expected error keeps its parts, a cancellation its code, anything else is a bug with its stack. */
import { ErrorCodes, ResponseError } from 'vscode-jsonrpc/node';
import { CancelledError, ExpectedError } from '../errors/expected.ts';
import { RPC_REQUEST_CANCELLED, type RpcErrorData } from '../protocol/rpc.ts';

const EXPECTED = -32001;

export function toResponseError(error: unknown): ResponseError<RpcErrorData> {
  if (error instanceof CancelledError) return new ResponseError(RPC_REQUEST_CANCELLED, error.message);
  if (error instanceof ExpectedError) {
    const { code, problem, fix, place } = error;
    return new ResponseError(EXPECTED, error.message, { kind: 'expected', code, problem, fix, place });
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message = error instanceof Error ? error.message : String(error);
  return new ResponseError(ErrorCodes.InternalError, message, { kind: 'bug', stack });
}
