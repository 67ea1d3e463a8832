/** What a device is asked to compute in its probe: a product whose value is known, and a chain of them that is timed. */
import { f16Value, roundToF16 } from '../../checkpoint/safetensors/floatConversion.ts';
import { encodeModel } from '../../onnx/encoder.ts';
import type { ElementType, OnnxGraph, OnnxNode } from '../../onnx/graph.ts';
import { createSession } from '../onnxRuntime.ts';
import type { RuntimeOptions } from '../session.ts';
import { float16Tensor, float32Data, float32Tensor, isHostTensor } from '../tensor.ts';

/** Enough products that the work outweighs the transfer of one input and one output. */
const TIMED_LENGTH = 8;
const TIMED_RUNS = 5;
/** The large size keeps a GPU busy; where the small one already takes long, an emulated GPU would need many seconds. */
const TIMED_SIZES = [128, 512];
const SLOW_MS = 15;
/** Fewer runs are timed where they take longer than this in all. */
const TIME_LIMIT_MS = 1000;

/** The elements of [[1, 2], [3, 4]] squared, as the device computes them. */
export async function smallProduct(options: RuntimeOptions): Promise<number[]> {
  const session = await createSession(encodeModel(productChain(2, 1)), options);
  const x = float32Tensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
  const { y } = await session.run({ x, w: x });
  return [...float32Data(y)];
}

/**
 * Whether a product of 16-bit floats comes out right, and one beyond their range as infinite, by which training sees that the
 * scale of its loss is too large.
 */
export async function computesFloat16(options: RuntimeOptions): Promise<boolean> {
  try {
    const session = await createSession(encodeModel(productChain(2, 1, 'float16')), options);
    const square = async (values: readonly number[]): Promise<string> => {
      const x = float16Tensor(Uint16Array.from(values, roundToF16), [2, 2]);
      const { y } = await session.run({ x, w: x });
      const bits = y !== undefined && isHostTensor(y) && y.data instanceof Uint16Array ? [...y.data] : [];
      return bits.map(f16Value).join(', ');
    };
    return (await square([1, 2, 3, 4])) === '7, 10, 15, 22' && (await square([256, 0, 0, 1])) === 'Infinity, 0, 0, 1';
  } catch {
    return false;
  }
}

/** The rate that the device reaches with matrices as large as it can work on in reasonable time. */
export async function measureGigaflopsPerSecond(options: RuntimeOptions): Promise<number> {
  let gigaflopsPerSecond = 0;
  for (const size of TIMED_SIZES) {
    const bestMs = await bestChainMs(size, options);
    gigaflopsPerSecond = (2 * size ** 3 * TIMED_LENGTH) / bestMs / 1e6;
    if (bestMs > SLOW_MS) break;
  }
  return gigaflopsPerSecond;
}

/** The shortest of a few runs after a first one, which compiles kernels. */
async function bestChainMs(size: number, options: RuntimeOptions): Promise<number> {
  const session = await createSession(encodeModel(productChain(size, TIMED_LENGTH)), options);
  const x = float32Tensor(new Float32Array(size ** 2).fill(1), [size, size]);
  const w = float32Tensor(new Float32Array(size ** 2).fill(1 / size), [size, size]);
  await session.run({ x, w });
  let bestMs = Infinity;
  const end = performance.now() + TIME_LIMIT_MS;
  for (let run = 0; run < TIMED_RUNS && (run === 0 || performance.now() < end); run += 1) {
    const start = performance.now();
    await session.run({ x, w });
    bestMs = Math.min(bestMs, performance.now() - start);
  }
  return bestMs;
}

/** y = x w w ... w, with `length` products of square matrices. */
function productChain(size: number, length: number, type: ElementType = 'float32'): OnnxGraph {
  const value = (name: string) => ({ name, type, shape: [size, size] });
  const nodes = Array.from({ length }, (_, index): OnnxNode => {
    const left = index === 0 ? 'x' : `y${index}`;
    return { opType: 'MatMul', inputs: [left, 'w'], outputs: [index + 1 === length ? 'y' : `y${index + 1}`] };
  });
  return { name: 'probe', inputs: [value('x'), value('w')], outputs: [value('y')], nodes, initializers: [] };
}
