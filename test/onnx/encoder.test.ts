/** Encoded models mean to ONNX Runtime what the graphs say: attributes, constants, names, subgraphs, external data. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { elementTypeCode } from '../../engine/onnx/elementTypes.ts';
import { encodeModel } from '../../engine/onnx/encoder.ts';
import type { ElementType, InlineTensor, OnnxGraph, OnnxTensor } from '../../engine/onnx/graph.ts';
import { boolTensor, float32Tensor, int32Tensor, int64Tensor } from '../../engine/runtime/tensor.ts';
import type { HostTensor } from '../../engine/runtime/tensor.ts';
import { CPU, floatValue, runOnce, singleNode } from './encodedModel.ts';

const x = float32Tensor(Float32Array.of(1, -2, 3, -4, 5, -6), [2, 3]);
const xValue = floatValue('x', [2, 3]);

test('lists of integers', async () => {
  const node = { opType: 'Transpose', attributes: { perm: { ints: [1, 0] } } };
  const { y } = await runOnce(singleNode(node, [xValue], { type: 'float32', shape: [3, 2] }), { x });
  expect(y).toEqual({ type: 'float32', shape: [3, 2], data: Float32Array.of(1, -4, -2, 5, 3, -6) });
});

test('an empty list of integers is a list', async () => {
  const node = { opType: 'Constant', attributes: { value_ints: { ints: [] } } };
  const { y } = await runOnce(singleNode(node, [], { type: 'int64', shape: [0] }), {});
  expect(y!.shape).toEqual([0]);
});

test('negative integers, and floats', async () => {
  const node = { opType: 'SimplifiedLayerNormalization', attributes: { axis: { int: -1 }, epsilon: { float: 0.25 } } };
  const graph = singleNode(node, [xValue, floatValue('w', [3])], { type: 'float32', shape: [2, 3] });
  const { y } = await runOnce(graph, { x, w: float32Tensor(Float32Array.of(1, 1, 2), [3]) });
  const norm = (a: number, b: number, c: number): number => Math.sqrt((a * a + b * b + c * c) / 3 + 0.25);
  expect(y!.data[0]).toBeCloseTo(1 / norm(1, 2, 3), 6);
  expect(y!.data[5]).toBeCloseTo((-6 * 2) / norm(4, 5, 6), 6);
});

test('zero is a value, not an absence', async () => {
  const node = { opType: 'Softmax', attributes: { axis: { int: 0 } } };
  const { y } = await runOnce(singleNode(node, [xValue], { type: 'float32', shape: [2, 3] }), { x });
  expect(Number(y!.data[0]) + Number(y!.data[3])).toBeCloseTo(1, 6);
  const fused = {
    opType: 'FusedMatMul',
    domain: 'com.microsoft',
    attributes: { transB: { int: 1 }, alpha: { float: 0 } },
  };
  const product = singleNode(fused, [xValue, floatValue('w', [2, 3])], { type: 'float32', shape: [2, 2] });
  const found = (await runOnce(product, { x, w: x }))['y']!.data as Float32Array;
  expect(
    found.every((value) => value === 0),
    'zeros of either sign',
  ).toBe(true);
  expect(found).toHaveLength(4);
});

test('strings', async () => {
  const inputs = [xValue, { name: 'i', type: 'int64' as const, shape: [2, 1] }, floatValue('u', [2, 1])];
  const node = { opType: 'ScatterElements', attributes: { axis: { int: 1 }, reduction: { string: 'add' } } };
  const feeds = {
    x,
    i: int64Tensor(BigInt64Array.of(2n, 0n), [2, 1]),
    u: float32Tensor(Float32Array.of(10, 20), [2, 1]),
  };
  const { y } = await runOnce(singleNode(node, inputs, { type: 'float32', shape: [2, 3] }), feeds);
  expect(y!.data).toEqual(Float32Array.of(1, -2, 13, 16, 5, -6));
});

test('lists of floats', async () => {
  const node = { opType: 'Constant', attributes: { value_floats: { floats: [0.5, -1e-30, 3] } } };
  const { y } = await runOnce(singleNode(node, [], { type: 'float32', shape: [3] }), {});
  expect(y!.data).toEqual(Float32Array.of(0.5, -1e-30, 3));
});

test('tensors as attributes', async () => {
  const tensor: InlineTensor = { name: '', type: 'float32', shape: [1], data: Float32Array.of(7.5) };
  const node = { opType: 'ConstantOfShape', attributes: { value: { tensor } } };
  const shape = { name: 's', type: 'int64' as const, shape: [2] };
  const graph = singleNode(node, [shape], { type: 'float32', shape: ['a', 'b'] });
  const { y } = await runOnce(graph, { s: int64Tensor(BigInt64Array.of(1n, 2n), [2]) });
  expect(y).toEqual({ type: 'float32', shape: [1, 2], data: Float32Array.of(7.5, 7.5) });
});

test('branches read values and constants of the graph around them', async () => {
  const branch = (opType: string): OnnxGraph => ({
    name: opType,
    inputs: [],
    outputs: [floatValue('r', [2, 3])],
    nodes: [{ opType, inputs: ['x', 'two'], outputs: ['r'] }],
    initializers: [],
  });
  const graph: OnnxGraph = {
    name: 'phases',
    inputs: [xValue, { name: 'isForward', type: 'bool', shape: [] }],
    outputs: [floatValue('y', [2, 3])],
    nodes: [
      {
        opType: 'If',
        inputs: ['isForward'],
        outputs: ['y'],
        attributes: { then_branch: { graph: branch('Mul') }, else_branch: { graph: branch('Sub') } },
      },
    ],
    initializers: [{ name: 'two', type: 'float32', shape: [], data: Float32Array.of(2) }],
  };
  const forward = await runOnce(graph, { x, isForward: boolTensor(Uint8Array.of(1), []) });
  const backward = await runOnce(graph, { x, isForward: boolTensor(Uint8Array.of(0), []) });
  expect(forward['y']!.data).toEqual(x.data.map((value) => value * 2));
  expect(backward['y']!.data).toEqual(x.data.map((value) => value - 2));
});

test('optional inputs that are left out', async () => {
  const graph: OnnxGraph = {
    name: 'clip',
    inputs: [xValue, floatValue('max', [])],
    outputs: [floatValue('y', [2, 3])],
    nodes: [{ opType: 'Clip', inputs: ['x', '', 'max'], outputs: ['y'] }],
    initializers: [],
  };
  const { y } = await runOnce(graph, { x, max: float32Tensor(Float32Array.of(2), []) });
  expect(y!.data).toEqual(Float32Array.of(1, -2, 2, -4, 2, -6));
});

test('values and nodes have any names', async () => {
  // The package keeps results in plain objects, whose own members (such as __proto__) no output can be named after.
  const isUsable = (text: string): boolean => !text.includes('\0') && !(text in Object.prototype);
  const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).filter(isUsable);
  const names = fc.uniqueArray(name, { minLength: 4, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(names, async ([input, constant, output, node]) => {
      const graph: OnnxGraph = {
        name: node!,
        inputs: [floatValue(input!, [2, 3])],
        outputs: [floatValue(output!, [2, 3])],
        nodes: [{ opType: 'Mul', name: node!, inputs: [input!, constant!], outputs: [output!] }],
        initializers: [{ name: constant!, type: 'float32', shape: [], data: Float32Array.of(3) }],
      };
      const results = await runOnce(graph, { [input!]: x });
      expect(results[output!]!.data).toEqual(x.data.map((value) => value * 3));
    }),
    { numRuns: 50 },
  );
});

test('names of dimensions are filled in at run time', async () => {
  const graph = singleNode({ opType: 'Neg' }, [floatValue('x', ['batch', 3])], {
    type: 'float32',
    shape: ['batch', 3],
  });
  const { y } = await runOnce(graph, { x: float32Tensor(new Float32Array(12).fill(1), [4, 3]) });
  expect(y!.shape).toEqual([4, 3]);
});

/** Element types that cross the runtime's boundary, with a tensor of each. */
const TYPED: Readonly<Record<Exclude<ElementType, 'bfloat16' | 'float16' | 'int8' | 'uint8'>, HostTensor>> = {
  float32: float32Tensor(Float32Array.of(1.5, -0, 3e38), [3]),

  int64: int64Tensor(BigInt64Array.of(-1n, 2n ** 62n, 0n), [3]),
  int32: int32Tensor(Int32Array.of(-1, 2 ** 31 - 1, 0), [3]),
  bool: boolTensor(Uint8Array.of(1, 0, 1), [3]),
};

test.each(Object.entries(TYPED))('constants and inputs of type %s keep their bits', async (_, tensor) => {
  const { type, data } = tensor;
  const graph: OnnxGraph = {
    name: 'both',
    inputs: [{ name: 'x', type, shape: [3] }],
    outputs: [{ name: 'y', type, shape: [6] }],
    nodes: [{ opType: 'Concat', inputs: ['x', 'c'], outputs: ['y'], attributes: { axis: { int: 0 } } }],
    initializers: [{ name: 'c', type, shape: [3], data }],
  };
  const { y } = await runOnce(graph, { x: tensor });
  expect(y!.type).toBe(type);
  expect([...y!.data]).toEqual([...data, ...data]);
});

test('a view of a larger buffer gives its own elements', async () => {
  const data = Float32Array.of(9, 9, 1, 2, 9).subarray(2, 4);
  const graph = singleNode({ opType: 'Identity' }, [], { type: 'float32', shape: [2] }, [
    { name: 'c', type: 'float32', shape: [2], data },
  ]);
  expect((await runOnce(graph, {}))['y']!.data).toEqual(Float32Array.of(1, 2));
});

test('a constant whose elements do not fit its shape is refused', () => {
  const wrong: OnnxTensor = { name: 'weights', type: 'float32', shape: [2, 3], data: new Float32Array(5) };
  const graph = singleNode({ opType: 'Identity' }, [], { type: 'float32', shape: [2, 3] }, [wrong]);
  expect(() => encodeModel(graph)).toThrow('constant weights: float32 of shape [2, 3] takes 24 bytes, got 20');
});

test('external constants are read from their place in a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'neuroada-onnx-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const floats = Float32Array.of(1, 2, 3, 4);
  const bfloats = Uint16Array.of(0x3f80, 0xc000, 0x4040, 0x0000);
  const bytes = Buffer.concat([Buffer.alloc(13), Buffer.from(floats.buffer), Buffer.from(bfloats.buffer)]);
  await writeFile(join(folder, 'weights.safetensors'), bytes);
  const external = (offset: number, length: number) => ({ file: 'weights.safetensors', offset, length });
  const graph: OnnxGraph = {
    name: 'external',
    inputs: [],
    outputs: [floatValue('y', [4])],
    nodes: [
      { opType: 'Cast', inputs: ['b'], outputs: ['c'], attributes: { to: { int: elementTypeCode('float32') } } },
      { opType: 'Add', inputs: ['a', 'c'], outputs: ['y'] },
    ],
    initializers: [
      { name: 'a', type: 'float32', shape: [4], external: external(13, 16) },
      { name: 'b', type: 'bfloat16', shape: [4], external: external(29, 8) },
    ],
  };
  const { y } = await runOnce(graph, {}, { ...CPU, externalDataFolder: folder });
  expect(y!.data).toEqual(Float32Array.of(2, 0, 6, 4));
  expect(() =>
    encodeModel({ ...graph, initializers: [{ name: 'a', type: 'float32', shape: [4], external: external(13, 12) }] }),
  ).toThrow('constant a');
});
