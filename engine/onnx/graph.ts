/**
 * The ONNX graph as plain data: what graph builders produce, the encoder writes and the runtime executes.
 * Names are arbitrary strings, unique within a graph; shapes are row-major.
 */

/** Types of tensor elements, by their ONNX Runtime names. */
export type ElementType = 'float32' | 'float16' | 'bfloat16' | 'int64' | 'int32' | 'int8' | 'uint8' | 'bool';

export type AttributeValue =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly tensor: OnnxTensor }
  | { readonly graph: OnnxGraph };

export interface OnnxNode {
  readonly opType: string;
  /** Operator set; absent for the standard one (ai.onnx). */
  readonly domain?: string;
  readonly name?: string;
  /** Names of values; `''` stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  /** Names of values; `''` stands for an optional output that nobody reads. */
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

/** A graph's input or output. */
export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  /** A number is a fixed size, a string the name of a dimension that is known at run time only. */
  readonly shape: readonly (number | string)[];
}

interface TensorHead {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** A constant whose elements are stored in the model; 16-bit floats are given by their bits. */
export interface InlineTensor extends TensorHead {
  readonly data: Float32Array | BigInt64Array | Int32Array | Uint16Array | Int8Array | Uint8Array;
}

/** A constant whose elements stay in a file, such as a safetensors shard. */
export interface ExternalTensor extends TensorHead {
  readonly external: ExternalPlace;
}

export interface ExternalPlace {
  /** Path relative to the session's folder of external data. */
  readonly file: string;
  /** Position of the first element, in bytes from the start of the file. */
  readonly offset: number;
  /** Size in bytes. */
  readonly length: number;
}

export type OnnxTensor = InlineTensor | ExternalTensor;

export interface OnnxGraph {
  readonly name: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** In an order in which every node comes after the nodes whose outputs it reads. */
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
}
