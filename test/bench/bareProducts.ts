/**
 * The matrix products of a step, run bare: a lower bound of the step's time that favours the products wherever it can.
 * Each product is timed in whichever of its eight orientations (either operand transposed, or the whole product) is the
 * fastest here, though a step cannot choose freely; operands and results are the same arrays over and over, so that they
 * are as warm as caches allow; and many products stand in one session and one run, so that calls cost nothing.
 */
import type { DecoderConfig } from '../../engine/checkpoint/config/decoderConfig.ts';
import { Graph, type Value } from '../../engine/graph/graph.ts';
import { matmul } from '../../engine/graph/operations/products/matmul.ts';
import { createGraphSession } from '../../engine/inference/graphSession.ts';
import type { Session } from '../../engine/runtime/session.ts';
import { float32Tensor, type HostTensor } from '../../engine/runtime/tensor.ts';
import { randomFloats } from '../graph/randomFloats.ts';
import { BENCH_OPTIONS, LENGTH, ROWS } from './smolModel.ts';
import { stepProducts, type Product } from './stepProducts.ts';
import { timed } from './timing.ts';

/** Most products of a kind that one run computes. */
const PER_RUN = 15;
const TRIAL_RUNS = 3;

export interface BareProducts {
  /** Computes every product as often as a step does. */
  run(): Promise<void>;
  release(): Promise<void>;
}

/** One product `perRun` times in a session. */
interface Kernel {
  readonly session: Session;
  readonly feeds: Readonly<Record<string, HostTensor>>;
  readonly fetches: Readonly<Record<string, HostTensor>>;
}

interface Orientation {
  readonly isExchanged: boolean;
  readonly transposeLeft: boolean;
  readonly transposeRight: boolean;
}

const EITHER = [false, true] as const;
const ORIENTATIONS: readonly Orientation[] = EITHER.flatMap((isExchanged) =>
  EITHER.flatMap((transposeLeft) => EITHER.map((transposeRight) => ({ isExchanged, transposeLeft, transposeRight }))),
);

export async function bareProducts(config: DecoderConfig, isRecomputing: boolean): Promise<BareProducts> {
  const operands = new OperandPool();
  const kernels: { readonly kernel: Kernel; readonly runs: number }[] = [];
  for (const product of stepProducts(config, ROWS, LENGTH, isRecomputing)) {
    const runs = Math.ceil(product.count / PER_RUN);
    const sizes = Array.from({ length: runs }, (_, run) => Math.floor((product.count + run) / runs));
    const orientation = await fastestOrientation(product, operands);
    for (const size of new Set(sizes)) {
      const kernel = await createKernel(product, orientation, size, operands);
      kernels.push({ kernel, runs: sizes.filter((other) => other === size).length });
    }
  }
  return {
    async run() {
      for (const { kernel, runs } of kernels) for (let run = 0; run < runs; run++) await runKernel(kernel);
    },
    async release() {
      for (const { kernel } of kernels) await kernel.session.release();
    },
  };
}

async function fastestOrientation(product: Product, operands: OperandPool): Promise<Orientation> {
  const trials: { orientation: Orientation; bestMs: number }[] = [];
  for (const orientation of ORIENTATIONS) {
    const kernel = await createKernel(product, orientation, 1, operands);
    let bestMs = Infinity;
    for (let run = 0; run < TRIAL_RUNS; run++) bestMs = Math.min(bestMs, await timed(() => runKernel(kernel)));
    await kernel.session.release();
    trials.push({ orientation, bestMs });
  }
  return trials.reduce((best, trial) => (trial.bestMs < best.bestMs ? trial : best)).orientation;
}

async function createKernel(
  { batch, rows, inner, columns }: Product,
  { isExchanged, transposeLeft, transposeRight }: Orientation,
  perRun: number,
  operands: OperandPool,
): Promise<Kernel> {
  const [m, n] = isExchanged ? [columns, rows] : [rows, columns];
  const leading = batch === 1 ? [] : [batch];
  const left = [...leading, ...(transposeLeft ? [inner, m] : [m, inner])];
  const right = [...leading, ...(transposeRight ? [n, inner] : [inner, n])];
  const graph = new Graph();
  const outputs = new Map<string, Value>();
  const feeds: Record<string, HostTensor> = {};
  const fetches: Record<string, HostTensor> = {};
  // Inputs of their own for every product, all fed with the same arrays: equal nodes would be computed once.
  for (let index = 0; index < perRun; index++) {
    const [a, b, y] = [`a${String(index)}`, `b${String(index)}`, `y${String(index)}`];
    const options = { transposeLeft, transposeRight };
    outputs.set(y, matmul(graph, graph.input(a, 'float32', left), graph.input(b, 'float32', right), options));
    feeds[a] = operands.tensor('left', left);
    feeds[b] = operands.tensor('right', right);
    fetches[y] = operands.tensor('output', [...leading, m, n]);
  }
  return { session: await createGraphSession('bare product', { graph, outputs }, BENCH_OPTIONS), feeds, fetches };
}

async function runKernel({ session, feeds, fetches }: Kernel): Promise<void> {
  await session.run(feeds, fetches);
}

/** Arrays by role, shared by all products. */
class OperandPool {
  readonly #arrays = new Map<string, Float32Array>();

  tensor(role: 'left' | 'right' | 'output', shape: readonly number[]): HostTensor {
    const length = shape.reduce((total, size) => total * size, 1);
    let array = this.#arrays.get(role);
    if (array === undefined || array.length < length) {
      array = randomFloats(length, 1, role);
      this.#arrays.set(role, array);
    }
    return float32Tensor(array.subarray(0, length), shape);
  }
}
