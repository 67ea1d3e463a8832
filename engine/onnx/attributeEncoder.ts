/** Encodes the attributes of a node: each kind of value in its own field, named by AttributeProto.AttributeType. */
import { create } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { AttributeProtoSchema } from './generated/onnx_pb.ts';
import type { AttributeProto, GraphProto } from './generated/onnx_pb.ts';
import type { AttributeValue, OnnxGraph } from './graph.ts';
import { encodeTensor } from './tensorEncoder.ts';

const TYPE = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7 } as const;

/** @param encodeGraph how the graph of an `If` or `Loop` branch is encoded */
export function encodeAttributes(
  attributes: Readonly<Record<string, AttributeValue>>,
  encodeGraph: (graph: OnnxGraph) => GraphProto,
): AttributeProto[] {
  return Object.entries(attributes).map(([name, value]) =>
    create(AttributeProtoSchema, { name, ...attributeFields(value, encodeGraph) }),
  );
}

function attributeFields(
  value: AttributeValue,
  encodeGraph: (graph: OnnxGraph) => GraphProto,
): Omit<MessageInitShape<typeof AttributeProtoSchema>, '$typeName'> {
  if ('int' in value) return { type: TYPE.int, i: BigInt(value.int) };
  if ('float' in value) return { type: TYPE.float, f: value.float };
  if ('string' in value) return { type: TYPE.string, s: new TextEncoder().encode(value.string) };
  if ('ints' in value) return { type: TYPE.ints, ints: value.ints.map(BigInt) };
  if ('floats' in value) return { type: TYPE.floats, floats: [...value.floats] };
  if ('tensor' in value) return { type: TYPE.tensor, t: encodeTensor(value.tensor) };
  return { type: TYPE.graph, g: encodeGraph(value.graph) };
}
