/** Parameters that hold the rows of several checkpoint modules, one under the other, so that one product computes all. */

/** Rows of a parameter that one checkpoint tensor fills. */
export interface ParameterSource {
  /** Name of the tensor in the checkpoint. */
  readonly tensor: string;
  readonly firstRow: number;
  readonly rows: number;
}

/** One array that a layer's graph reads. */
export interface LayerParameter {
  /** Name of the graph input, without the layer's prefix. */
  readonly name: string;
  /** [rows, columns], or [features] for norms and biases. */
  readonly shape: readonly number[];
  readonly sources: readonly ParameterSource[];
}

/** A linear layer that can carry deltas: a matrix parameter and the checkpoint's modules inside it. */
export interface Projection extends LayerParameter {
  readonly shape: readonly [number, number];
  /** The bias, where at least one module has one. */
  readonly bias: LayerParameter | undefined;
}

/** A linear module of the checkpoint. */
export interface ModuleRows {
  readonly module: string;
  readonly rows: number;
  readonly hasBias: boolean;
}

/** The matrix of all modules, and the bias of those that have one; rows of others stay zero in it. */
export function projectionOf(name: string, columns: number, modules: readonly ModuleRows[]): Projection {
  const rows = modules.reduce((total, module) => total + module.rows, 0);
  return {
    name,
    shape: [rows, columns],
    sources: sourcesOf(modules, '.weight'),
    bias: modules.some(({ hasBias }) => hasBias) ? biasOf(name, modules, rows) : undefined,
  };
}

function biasOf(name: string, modules: readonly ModuleRows[], rows: number): LayerParameter {
  const sources = sourcesOf(modules, '.bias').filter((_, index) => modules[index]?.hasBias === true);
  return { name: `${name}.bias`, shape: [rows], sources };
}

function sourcesOf(modules: readonly ModuleRows[], suffix: string): readonly ParameterSource[] {
  let firstRow = 0;
  return modules.map(({ module, rows }) => {
    const source = { tensor: module + suffix, firstRow, rows };
    firstRow += rows;
    return source;
  });
}

/** A parameter that is one tensor of the checkpoint. */
export function wholeTensor(name: string, tensor: string, size: number): LayerParameter {
  return { name, shape: [size], sources: [{ tensor, firstRow: 0, rows: size }] };
}
