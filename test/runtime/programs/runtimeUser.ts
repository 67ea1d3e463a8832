/** Runs a session as the engine does, and ends. */
import { encodeModel } from '../../../engine/onnx/encoder.ts';
import { createSession } from '../../../engine/runtime/onnxRuntime.ts';
import { float32Tensor } from '../../../engine/runtime/tensor.ts';

const vector = { type: 'float32', shape: [2] } as const;
const model = encodeModel({
  name: 'double',
  inputs: [{ name: 'x', ...vector }],
  outputs: [{ name: 'y', ...vector }],
  nodes: [{ opType: 'Add', inputs: ['x', 'x'], outputs: ['y'] }],
  initializers: [],
});
const session = await createSession(model, { name: 'double', device: 'cpu', threads: 1 });
const { y } = await session.run({ x: float32Tensor(Float32Array.of(1, 2), [2]) });
await session.release();
console.log(y?.shape.join());
