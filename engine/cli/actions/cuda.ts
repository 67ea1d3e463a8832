/** `neuroada cuda`: CUDA support installed, described and removed. */
import { resolve } from 'node:path';
import type { CudaArchive, CudaLibraries, CudaStatus, InstallCudaParams, LibraryAdvice } from '../../protocol/cuda.ts';
import { execute, type Execution } from '../execution.ts';
import { bytesText } from '../quantities.ts';

const CANCEL_NOTE = 'Cancelled; what was downloaded is kept, and `neuroada cuda install` goes on from there.';

export function installCuda(execution: Execution, options: InstallCudaParams): Promise<number> {
  return execute({ ...execution, cancelNote: CANCEL_NOTE }, async ({ observer, signal }) => {
    const { installCudaJob } = await import('../../jobs/cuda.ts');
    const result = await installCudaJob(installParams(options), observer.onProgress, signal);
    const checked = result.wasInstalled
      ? ['It was there already; every file has the content that it was installed with.']
      : [];
    return { value: result, lines: [...checked, ...statusLines(result)] };
  });
}

export function cudaStatus(execution: Execution): Promise<number> {
  return execute(execution, async () => {
    const { cudaStatusJob } = await import('../../jobs/cuda.ts');
    const status = await cudaStatusJob();
    return { value: status, lines: statusLines(status) };
  });
}

export function cudaSource(execution: Execution, options: InstallCudaParams): Promise<number> {
  return execute(execution, async ({ signal }) => {
    const { cudaSourceJob } = await import('../../jobs/cuda.ts');
    const source = await cudaSourceJob(installParams(options), signal);
    return { value: source, lines: sourceLines(source) };
  });
}

export function removeCuda(execution: Execution): Promise<number> {
  return execute(execution, async () => {
    const { removeCudaJob } = await import('../../jobs/cuda.ts');
    const result = await removeCudaJob();
    const { folder, freedBytes } = result;
    const line =
      freedBytes === 0 ? `Nothing was in ${folder}.` : `Removed ${folder}; ${bytesText(freedBytes)} are free.`;
    return { value: result, lines: [line] };
  });
}

/** Of the command's options, those that the use case knows; a path becomes absolute. */
function installParams({ from, sha512, feed }: InstallCudaParams): InstallCudaParams {
  return {
    ...(from !== undefined && { from: /^https?:\/\//.test(from) ? from : resolve(from) }),
    ...(sha512 !== undefined && { sha512 }),
    ...(feed !== undefined && { feed }),
  };
}

function statusLines({ state, reason, folder, runtimeVersion, ...rest }: CudaStatus): readonly string[] {
  const { sizeBytes, downloadedBytes, archive, libraries } = rest;
  if (state === 'unsupported') return [`${reason ?? ''}.`];
  if (state !== 'installed') {
    const what = reason ?? `CUDA support for ONNX Runtime ${runtimeVersion} is not installed`;
    const kept = downloadedBytes === 0 ? '' : ` ${bytesText(downloadedBytes)} of it are downloaded.`;
    return [`${what}.${kept}`, '`neuroada cuda install` installs it.'];
  }
  return [
    `CUDA support for ONNX Runtime ${runtimeVersion} is installed in ${folder} (${bytesText(sizeBytes)}).`,
    ...(archive === undefined
      ? []
      : [`Archive: ${archive.from}, checked against the SHA-512 that ${hashGiver(archive)}.`]),
    ...(libraries === undefined ? [] : libraryLines(libraries)),
  ];
}

function hashGiver({ hashOrigin }: CudaArchive): string {
  return hashOrigin === 'feed' ? 'the feed publishes' : 'was given on installation';
}

function libraryLines({ missing, advice }: CudaLibraries): readonly string[] {
  const needed = missing.filter(({ isNeeded }) => isNeeded);
  if (needed.length === 0) {
    return [
      'All libraries that it needs are here. `neuroada devices --self-test` proves that it computes rightly.',
      '"auto" takes it where it is faster than the CPU; --device cuda asks for it.',
      ...missing.map(({ name }) => `${name} is not here; training and answering do without it.`),
    ];
  }
  const isNeeded = ({ libraries }: LibraryAdvice): boolean => needed.some(({ name }) => libraries.includes(name));
  return ['', 'This system lacks:', ...advice.filter(isNeeded).flatMap(adviceLines)];
}

function adviceLines({ product, libraries, ways }: LibraryAdvice): readonly string[] {
  const details = ways.flatMap(({ text, command, url }) => [
    `    ${text}`,
    ...[command, url].filter((part) => part !== undefined).map((part) => `      ${part}`),
  ]);
  return [`  ${product} (${libraries.join(', ')})`, ...details];
}

function sourceLines({ from, sha512, sizeBytes, hashOrigin }: CudaArchive): readonly string[] {
  return [
    `Archive:  ${from}`,
    ...(sizeBytes === undefined ? [] : [`Size:     ${bytesText(sizeBytes)} (${String(sizeBytes)} bytes)`]),
    `SHA-512:  ${sha512}${hashOrigin === 'feed' ? '' : ' (as given)'}`,
  ];
}
