/** The jobs that a window may ask for; each loads its part of the engine when it is first asked for. */
import { inspectionJobs } from './inspectionJobs.ts';
import { ModelShelf } from '../jobs/answering/modelShelf.ts';
import type { AnswerToken } from '../protocol/answers/generation.ts';
import type { JobTable } from './jobsProcess.ts';

const modelShelf = new ModelShelf();

const ignoreEvents = (): void => undefined;

export const jobTable: JobTable = {
  ...inspectionJobs(),
  async devices() {
    const { devicesJob } = await import('../jobs/devices.ts');
    return devicesJob();
  },
  async cudaStatus() {
    const { cudaStatusJob } = await import('../jobs/cuda.ts');
    return cudaStatusJob();
  },
  async installCuda(params, onProgress, signal) {
    const { installCudaJob } = await import('../jobs/cuda.ts');
    return installCudaJob(params, onProgress, signal);
  },
  async removeCuda() {
    const { removeCudaJob } = await import('../jobs/cuda.ts');
    return removeCudaJob();
  },
  async estimate({ configuration }, onProgress, signal) {
    const { estimateJob } = await import('../jobs/preparation/estimate.ts');
    return estimateJob({ configuration }, { onEvent: ignoreEvents, onProgress }, signal);
  },
  async preview({ configuration, examples }) {
    const { previewData } = await import('../jobs/preparation/previewData.ts');
    return previewData(configuration, examples);
  },
  async check({ configuration }, onProgress, signal) {
    const { checkInputs } = await import('../jobs/preparation/checkInputs.ts');
    return { problems: await checkInputs(configuration, onProgress, signal) };
  },
  async readConfiguration({ text, file }) {
    const { checkConfigurationText } = await import('../configuration/configurationFile.ts');
    const { configuration, problems } = await checkConfigurationText(text, file);
    return configuration === undefined ? { problems } : { configuration, problems: [] };
  },
  async merge({ adapters, base, output, dtype, allowOtherBase }, onProgress, signal) {
    const { mergeJob } = await import('../jobs/merging/merge.ts');
    const request = { adapters, output, dtype, allowOtherBase, verify: true, ...(base === undefined ? {} : { base }) };
    return mergeJob(request, { onEvent: ignoreEvents, onProgress }, signal);
  },
  async compare(params, onProgress, signal) {
    const { compareJob } = await import('../jobs/comparison/compare.ts');
    return compareJob(params, { onEvent: ignoreEvents, onProgress }, signal);
  },
  async generate(params, onProgress, signal) {
    const { generateJob } = await import('../jobs/answering/generate.ts');
    const onToken = (token: AnswerToken): void => {
      onProgress({ phase: 'answering', done: token.index + 1, total: params.sampling.maxNewTokens, token });
    };
    return modelShelf.use((open) => generateJob(params, { onProgress, onToken }, signal, open));
  },
  async evaluate(params, onProgress, signal) {
    const { evaluateJob } = await import('../jobs/answering/evaluate.ts');
    return evaluateJob(params, { onEvent: ignoreEvents, onProgress }, signal);
  },
};
