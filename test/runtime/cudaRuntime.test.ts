/**
 * Which runtime a process uses where CUDA support is installed, with the real library and a provider that is none: what
 * happens up to the moment in which the runtime loads it.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { installCudaSupport } from '../../engine/cudaSupport/install.ts';
import { bundledRuntime } from '../../engine/cudaSupport/runtimePackage.ts';
import { probeDevices } from '../../engine/runtime/probe/deviceProbe.ts';
import { cudaRemedy, type CudaSituation } from '../../engine/runtime/probe/cudaRemedy.ts';
import type { Gpu } from '../../engine/runtime/probe/gpu.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { providerArchive, sha512 } from '../cudaSupport/supportFixture.ts';

const PROGRAM = join(import.meta.dirname, 'programs/runtimeLocation.ts');
const NVIDIA: readonly Gpu[] = [{ vendor: 'NVIDIA', name: 'NVIDIA Test' }];
const runtime = bundledRuntime();

interface Location {
  readonly sum: readonly number[];
  readonly devices: readonly string[];
  readonly cuda: string;
  readonly libraries: readonly string[];
}

async function locate(folder: string): Promise<Location> {
  const env = { ...process.env, NEUROADA_CUDA_FOLDER: folder };
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM], { env });
  return JSON.parse(stdout) as Location;
}

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('with CUDA support', () => {
  let root: string;
  let folder: string;
  let place: string;
  beforeAll(async () => {
    root = await temporaryFolder();
    folder = join(root, 'cuda');
    place = join(folder, `onnxruntime-${runtime.version}`);
    const archive = providerArchive(runtime.version);
    const file = join(root, 'archive.nupkg');
    await writeFile(file, archive);
    const signal = new AbortController().signal;
    await installCudaSupport({
      ...{ folder, runtime, from: file, sha512: sha512(archive), onProgress: () => undefined, signal },
    });
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const runtimeIn = ({ libraries }: Location): string | undefined =>
    libraries.find((path) => path.endsWith('/libonnxruntime.so.1'));

  test('computes with the copy, which finds the provider beside it and loads own libraries ahead', async () => {
    const bundled = await locate(join(root, 'absent'));
    expect(runtimeIn(bundled)?.startsWith(runtime.folder)).toBe(true);

    // Any library of the system serves as one of CUDA: it only has to be loaded from here.
    const [any] = bundled.libraries.filter((path) => /\/libgcc_s\.so\.1$/.test(path));
    const own = join(folder, 'libraries', 'cuda', 'nvidia', 'cublas', 'lib', 'libcublas.so.12');
    await mkdir(join(own, '..'), { recursive: true });
    await copyFile(any!, own);
    onTestFinished(() => rm(join(folder, 'libraries'), { recursive: true }));
    const copy = await locate(folder);
    expect(runtimeIn(copy)?.startsWith(place)).toBe(true);
    expect({ sum: copy.sum, devices: copy.devices }).toEqual({ sum: [2, 4], devices: bundled.devices });
    expect(copy.libraries).toContain(own);
    expect(bundled.libraries).not.toContain(own);
    expect(copy.cuda).toContain('the device cuda cannot be used');
  });

  test('of another version is ignored', async () => {
    const other = join(folder, 'onnxruntime-0.0.1');
    await rename(place, other);
    onTestFinished(() => rename(other, place));
    expect(runtimeIn(await locate(folder))?.startsWith(runtime.folder)).toBe(true);
  });

  test('that does not load is an error that says how to be rid of it', async () => {
    const entry = join(place, 'node_modules', 'onnxruntime-node', 'dist', 'index.js');
    await rename(entry, `${entry}.aside`);
    onTestFinished(() => rename(`${entry}.aside`, entry));
    await expect(locate(folder)).rejects.toThrow(/cuda\/copyUnusable[^]*cuda remove/);
  });

  test('the probe of the CPU works with it', async () => {
    process.env['NEUROADA_CUDA_FOLDER'] = folder;
    onTestFinished(() => {
      delete process.env['NEUROADA_CUDA_FOLDER'];
    });
    expect(await probeDevices({ devices: ['cpu'] })).toMatchObject([{ device: 'cpu', isUsable: true }]);
  });
});

describe('the report on CUDA', () => {
  const none: CudaSituation = { installation: { state: 'none', folder: '/cuda' }, missing: [], advice: [] };
  const noProvider = '/x/libonnxruntime_providers_shared.so: cannot open shared object file: No such file or directory';

  test('speaks of a GPU first', () => {
    expect(cudaRemedy('failed', noProvider, [{ vendor: 'AMD', name: 'AMD' }], none)).toEqual({
      reason: 'no NVIDIA GPU was found',
      fix: 'CUDA needs an NVIDIA GPU and its driver: use another device.',
    });
  });

  test('offers to install what is not there, or is for another version', () => {
    expect(cudaRemedy('failed', noProvider, NVIDIA, none)).toEqual({
      reason: 'the CUDA provider is not installed',
      fix: 'Run "NeuroAda: Install CUDA Support" in the editor, or `neuroada cuda install`.',
      offer: 'installCudaSupport',
    });
    const reason = 'CUDA support is installed for version 1.0.0 of ONNX Runtime, and this is 1.1.0';
    const other: CudaSituation = { ...none, installation: { state: 'otherVersion', folder: '/cuda', reason } };
    expect(cudaRemedy('failed', noProvider, NVIDIA, other)).toMatchObject({ reason, offer: 'installCudaSupport' });
  });

  test('names every library that is missing, and the products that they are of', () => {
    const missing = ['libcublas.so.12', 'libcuda.so.1'];
    const advice = [
      { product: "NVIDIA's driver", libraries: ['libcuda.so.1'], ways: [] },
      { product: 'CUDA 12', libraries: ['libcublas.so.12'], ways: [] },
      { product: 'cuDNN 9', libraries: ['libcudnn.so.9'], ways: [] },
    ];
    const installation = { state: 'installed', folder: '/cuda' } as const;
    expect(cudaRemedy('failed', '', NVIDIA, { installation, missing, advice })).toEqual({
      reason: 'the libraries libcublas.so.12, libcuda.so.1 cannot be found',
      fix: 'Get NVIDIA\'s driver and CUDA 12: `neuroada cuda status`, or "NeuroAda: Install CUDA Support" in the editor, tells how.',
      offer: 'installCudaSupport',
    });
    const stderr = 'with error: libcublasLt.so.13: cannot open shared object file';
    expect(cudaRemedy('failed', stderr, NVIDIA, none)).toMatchObject({
      reason: 'the library libcublasLt.so.13 cannot be found',
      fix: expect.stringContaining('Get CUDA 13') as unknown,
    });
  });

  test("else gives CUDA's own words", () => {
    const text = 'the device cuda cannot be used: CUDA failure 35: CUDA driver version is insufficient';
    expect(cudaRemedy(text, '', NVIDIA, none)).toEqual({
      reason: 'CUDA failure 35: CUDA driver version is insufficient',
      fix: "Update NVIDIA's driver, or use another device.",
    });
  });
});
