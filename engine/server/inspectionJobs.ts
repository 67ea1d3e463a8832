/** Questions about connections as jobs: one inspection serves the whole process, loaded at the first question. */
import type { Inspection } from '../inspection/inspection.ts';
import { INSPECTION_METHODS, type InspectionMethod } from '../protocol/connections/inspection.ts';
import type { JobProgress, JobRequests } from '../protocol/rpc.ts';
import type { JobTable } from './jobsProcess.ts';

type InspectionJobs = Pick<JobTable, InspectionMethod>;

export function inspectionJobs(): InspectionJobs {
  let loading: Promise<Inspection> | undefined;
  const load = async (): Promise<Inspection> => {
    const { createInspection } = await import('../inspection/inspection.ts');
    return createInspection();
  };
  const jobOf =
    <M extends InspectionMethod>(method: M) =>
    async (
      params: JobRequests[M]['params'],
      onProgress: (progress: JobProgress) => void,
      signal: AbortSignal,
    ): Promise<JobRequests[M]['result']> => {
      const { table } = await (loading ??= load());
      return table[method](params, signal, onProgress);
    };
  return Object.fromEntries(INSPECTION_METHODS.map((method) => [method, jobOf(method)])) as unknown as InspectionJobs;
}
