/** The process that does short jobs for one owner: it ends, undoing what it was at, when the owner closes its input. */
import { randomBytes } from 'node:crypto';
import { ProgressType, type CancellationToken } from 'vscode-jsonrpc/node';
import type { JobMethod, JobProgress, JobRequests, JobsAddress } from '../protocol/rpc.ts';
import { newPrivateAddress } from './privateAddress.ts';
import { serveRpc, type RpcClient } from './rpcServer.ts';

/** One job by method: parameters, progress and cancellation in, result out. */
export type JobTable = {
  readonly [M in JobMethod]: (
    params: JobRequests[M]['params'],
    onProgress: (progress: JobProgress) => void,
    signal: AbortSignal,
  ) => Promise<JobRequests[M]['result']>;
};

const progressType = new ProgressType<JobProgress>();

/** Serves until standard input closes; then cancels what is under way and waits until it has cleaned up. */
export async function serveJobs(jobs: JobTable): Promise<void> {
  const token = randomBytes(32).toString('hex');
  const privateAddress = await newPrivateAddress();
  const ending = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  const server = await serveRpc(
    privateAddress.address,
    token,
    () => ({ role: 'jobs', pid: process.pid }),
    (client) => {
      for (const method of Object.keys(jobs) as JobMethod[]) offerJob(client, method, jobs, ending.signal, underWay);
    },
  );
  const address: JobsAddress = { address: privateAddress.address, token };
  process.stdout.write(`${JSON.stringify(address)}\n`);
  await inputClosed();
  ending.abort();
  server.close();
  await Promise.allSettled(underWay);
  await privateAddress.remove();
}

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- M ties the method to its parameters
function offerJob<M extends JobMethod>(
  client: RpcClient,
  method: M,
  jobs: JobTable,
  ending: AbortSignal,
  underWay: Set<Promise<unknown>>,
): void {
  client.onRequest(method, async (params: JobRequests[M]['params'], token) => {
    const onProgress = (progress: JobProgress): void => {
      client.connection.sendProgress(progressType, params.progressToken, progress).catch(() => client.connection.end());
    };
    const job = jobs[method](params, onProgress, AbortSignal.any([ending, signalOf(token)]));
    underWay.add(job);
    try {
      return await job;
    } finally {
      underWay.delete(job);
    }
  });
}

function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  token.onCancellationRequested(() => {
    controller.abort();
  });
  return controller.signal;
}

function inputClosed(): Promise<void> {
  return new Promise((resolve) => {
    process.stdin.once('end', resolve).once('close', resolve).resume();
  });
}
