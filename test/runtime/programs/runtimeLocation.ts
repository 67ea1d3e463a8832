/** Computes on the CPU and prints which runtime did, and what else was loaded for CUDA. */
import { existsSync, readFileSync } from 'node:fs';
import { createSession, supportedDevices } from '../../../engine/runtime/onnxRuntime.ts';
import { encodeModel } from '../../../engine/onnx/encoder.ts';
import { float32Data, float32Tensor } from '../../../engine/runtime/tensor.ts';

const vector = { type: 'float32', shape: [2] } as const;
const model = encodeModel({
  name: 'double',
  inputs: [{ name: 'x', ...vector }],
  outputs: [{ name: 'y', ...vector }],
  nodes: [{ opType: 'Add', inputs: ['x', 'x'], outputs: ['y'] }],
  initializers: [],
});
const options = { name: 'double', threads: 1 } as const;
const session = await createSession(model, { ...options, device: 'cpu' });
const { y } = await session.run({ x: float32Tensor(Float32Array.of(1, 2), [2]) });
await session.release();
const cuda = await createSession(model, { ...options, device: 'cuda' }).then(
  () => 'usable',
  (error: unknown) => (error as Error).message,
);
const maps = existsSync('/proc/self/maps') ? readFileSync('/proc/self/maps', 'utf8') : '';
const libraries = [...new Set([...maps.matchAll(/\/\S+\.so(\.\d+)*$/gm)].map(([path]) => path))];
console.log(JSON.stringify({ sum: [...float32Data(y)], devices: await supportedDevices(), cuda, libraries }));
