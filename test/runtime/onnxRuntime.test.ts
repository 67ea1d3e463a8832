/** Sessions read and write typed arrays in place, tell what failed and where, and leave no thread spinning. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { encodeModel } from '../../engine/onnx/encoder.ts';
import type { OnnxGraph } from '../../engine/onnx/graph.ts';
import { createSession } from '../../engine/runtime/onnxRuntime.ts';
import type { RuntimeOptions, Session } from '../../engine/runtime/session.ts';
import { float32Data, float32Tensor } from '../../engine/runtime/tensor.ts';

const OPTIONS: RuntimeOptions = { name: 'product', device: 'cpu', threads: 2 };

/** y = x w^T and z = y^2, for x [rows, 2] and w [2, 2]. */
const PRODUCT: OnnxGraph = {
  name: 'product',
  inputs: [
    { name: 'x', type: 'float32', shape: ['rows', 2] },
    { name: 'w', type: 'float32', shape: [2, 2] },
  ],
  outputs: [
    { name: 'y', type: 'float32', shape: ['rows', 2] },
    { name: 'z', type: 'float32', shape: ['rows', 2] },
  ],
  nodes: [
    {
      opType: 'FusedMatMul',
      domain: 'com.microsoft',
      inputs: ['x', 'w'],
      outputs: ['y'],
      attributes: { transB: { int: 1 } },
    },
    { opType: 'Mul', inputs: ['y', 'y'], outputs: ['z'] },
  ],
  initializers: [],
};

async function productSession(options: Partial<RuntimeOptions> = {}): Promise<Session> {
  const session = await createSession(encodeModel(PRODUCT), { ...OPTIONS, ...options });
  onTestFinished(() => session.release());
  return session;
}

const identity = () => float32Tensor(Float32Array.of(1, 0, 0, 1), [2, 2]);
const weight = () => float32Tensor(Float32Array.of(1, 2, 3, 4), [2, 2]);

test('an edit of a weight array is seen by the next run', async () => {
  const session = await productSession();
  const [x, w] = [identity(), weight()];
  expect(float32Data((await session.run({ x, w }))['y'])).toEqual(Float32Array.of(1, 3, 2, 4));
  w.data[1] = 20;
  expect(float32Data((await session.run({ x, w }))['y'])).toEqual(Float32Array.of(1, 3, 20, 4));
});

test('a view at an odd offset of a large buffer is read and written in place', async () => {
  const session = await productSession();
  const memory = new ArrayBuffer(4096);
  const x = float32Tensor(new Float32Array(memory, 12, 4), [2, 2]);
  const y = float32Tensor(new Float32Array(memory, 2052, 4), [2, 2]);
  x.data.set([1, 0, 0, 1]);
  await session.run({ x, w: weight() }, { y });
  expect([...new Float32Array(memory, 2048, 6)]).toEqual([0, 1, 3, 2, 4, 0]);
});

test('a given fetch is written in place and returned; others are made anew', async () => {
  const session = await productSession();
  const y = float32Tensor(new Float32Array(4).fill(NaN), [2, 2]);
  const results = await session.run({ x: identity(), w: weight() }, { y, z: null });
  expect(results['y']).toBe(y);
  expect(y.data).toEqual(Float32Array.of(1, 3, 2, 4));
  expect(float32Data(results['z'])).toEqual(Float32Array.of(1, 9, 4, 16));
});

test('16-bit floats go in, come out and are fetched in place as their bits', async () => {
  const half = { type: 'float16', shape: [3] } as const;
  const graph: OnnxGraph = {
    name: 'halves',
    inputs: [{ name: 'x', ...half }],
    outputs: [
      { name: 'wide', type: 'float32', shape: [3] },
      { name: 'negative', ...half },
    ],
    nodes: [
      { opType: 'Cast', inputs: ['x'], outputs: ['wide'], attributes: { to: { int: 1 } } },
      { opType: 'Neg', inputs: ['x'], outputs: ['negative'] },
    ],
    initializers: [],
  };
  const session = await createSession(encodeModel(graph), { ...OPTIONS, name: 'halves' });
  onTestFinished(() => session.release());
  const x = { ...half, data: Uint16Array.of(0x3c00, 0xc000, 0x0001) };
  const results = await session.run({ x });
  expect(float32Data(results['wide'])).toEqual(Float32Array.of(1, -2, 2 ** -24));
  expect(results['negative']).toEqual({ ...half, data: Uint16Array.of(0xbc00, 0x4000, 0x8001) });
  const memory = new Uint16Array(8).fill(7);
  const negative = { ...half, data: memory.subarray(2, 5) };
  expect((await session.run({ x }, { negative }))['negative']).toBe(negative);
  expect([...memory]).toEqual([7, 7, 0xbc00, 0x4000, 0x8001, 7, 7, 7]);
});

test('only what was asked for is returned', async () => {
  const session = await productSession();
  const results = await session.run({ x: identity(), w: weight() }, ['z']);
  expect(Object.keys(results)).toEqual(['z']);
  expect(float32Data(results['z'])).toEqual(Float32Array.of(1, 9, 4, 16));
});

test('outputs of one run survive the next runs and the session', async () => {
  const session = await createSession(encodeModel(PRODUCT), OPTIONS);
  const first = float32Data((await session.run({ x: identity(), w: weight() }))['y']);
  for (let run = 0; run < 20; run += 1) await session.run({ x: weight(), w: weight() });
  await session.release();
  expect(first).toEqual(Float32Array.of(1, 3, 2, 4));
});

test('a run that fails names the session, and the session goes on', async () => {
  const session = await productSession();
  const [x, w] = [identity(), weight()];
  await expect(session.run({ x })).rejects.toThrow("session product failed on cpu: input 'w' is missing in 'feeds'");
  await expect(session.run({ x, w, v: w })).rejects.toThrow('no input is named v');
  await expect(session.run({ x, w }, ['q'])).rejects.toThrow('session product failed on cpu: no output is named q');
  await expect(session.run({ x, w }, { q: x })).rejects.toThrow('no output is named q');
  const long = float32Tensor(new Float32Array(6), [3, 2]);
  await expect(session.run({ x, w }, { y: long })).rejects.toThrow(/session product failed.*shape \{3,2\}.*\{2,2\}/);
  const flat = float32Tensor(new Float32Array(4), [4]);
  await expect(session.run({ x, w }, { y: flat })).rejects.toThrow(/session product failed.*rank/);
  await expect(session.run({ x, w: flat })).rejects.toThrow(/session product failed.*rank/i);
  const short = float32Tensor(new Float32Array(3), [2, 2]);
  await expect(session.run({ x, w: short })).rejects.toThrow(/size\(4\) does not match data length\(3\)/);
  expect(float32Data((await session.run({ x, w }))['y'])).toEqual(Float32Array.of(1, 3, 2, 4));
});

test('a model that cannot be run names the session', async () => {
  const nodes = [{ opType: 'NoSuchOperator', inputs: ['x'], outputs: ['y'] }];
  const model = encodeModel({ ...PRODUCT, nodes, outputs: PRODUCT.outputs.slice(0, 1) });
  await expect(createSession(model, OPTIONS)).rejects.toThrow(
    /^session product could not be created on cpu: .*NoSuchOperator/,
  );
  await expect(createSession(Uint8Array.of(1, 2, 3), OPTIONS)).rejects.toThrow('session product could not be created');
});

test('memory that runs out is an error of its own', async () => {
  const huge: OnnxGraph = {
    name: 'huge',
    inputs: [
      { name: 'x', type: 'float32', shape: [1] },
      { name: 's', type: 'int64', shape: [1] },
    ],
    outputs: [{ name: 'y', type: 'float32', shape: ['n'] }],
    nodes: [{ opType: 'Expand', inputs: ['x', 's'], outputs: ['y'] }],
    initializers: [],
  };
  const session = await createSession(encodeModel(huge), { ...OPTIONS, name: 'huge' });
  onTestFinished(() => session.release());
  const feeds = {
    x: float32Tensor(Float32Array.of(1), [1]),
    s: { type: 'int64' as const, shape: [1], data: BigInt64Array.of(2n ** 46n) },
  };
  await expect(session.run(feeds)).rejects.toMatchObject({ name: 'ExpectedError', code: 'runtime/outOfMemory' });
});

test.runIf(process.platform !== 'win32')('a device that is not there is an expected error', async () => {
  await expect(createSession(encodeModel(PRODUCT), { ...OPTIONS, device: 'directml' })).rejects.toMatchObject({
    name: 'ExpectedError',
    code: 'runtime/deviceUnusable',
  });
});

test('a profile is written when the session is released', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'neuroada-profile-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const session = await createSession(encodeModel(PRODUCT), { ...OPTIONS, profilePath: join(folder, 'step') });
  await session.run({ x: identity(), w: weight() });
  await session.release();
  expect(await readdir(folder)).toEqual([expect.stringMatching(/^step.*\.json$/)]);
});

test('the runtime is not loaded before the first session', async () => {
  const file = join(import.meta.dirname, '../../engine/runtime/onnxRuntime.ts');
  const program = `await import(${JSON.stringify(file)});
    process.stdout.write(String(process.report.getReport().sharedObjects.some((path) => path.includes('onnxruntime'))))`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  expect(stdout).toBe('false');
});
