/** Encodes a graph as an ONNX model (protobuf), ready for a session of ONNX Runtime. */
import { create, toBinary } from '@bufbuild/protobuf';
import { elementTypeCode } from './elementTypes.ts';
import { encodeAttributes } from './attributeEncoder.ts';
import { GraphProtoSchema, ModelProtoSchema, NodeProtoSchema, ValueInfoProtoSchema } from './generated/onnx_pb.ts';
import type { GraphProto, NodeProto, ValueInfoProto } from './generated/onnx_pb.ts';
import type { OnnxGraph, OnnxNode, OnnxValue } from './graph.ts';
import { encodeTensor } from './tensorEncoder.ts';

/** IR version 10 is the one that belongs to operator set 21 (ONNX 1.16). */
const IR_VERSION = 10n;
const DEFAULT_OPSETS: Readonly<Record<string, number>> = { '': 21, 'com.microsoft': 1 };

/**
 * The bytes of a model.
 * @param opsets version of each operator set by domain; `''` is the standard one
 */
export function encodeModel(graph: OnnxGraph, opsets: Readonly<Record<string, number>> = DEFAULT_OPSETS): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: 'neuroada',
    graph: encodeGraph(graph),
    opsetImport: Object.entries(opsets).map(([domain, version]) => ({ domain, version: BigInt(version) })),
  });
  return toBinary(ModelProtoSchema, model);
}

function encodeGraph(graph: OnnxGraph): GraphProto {
  return create(GraphProtoSchema, {
    name: graph.name,
    node: graph.nodes.map(encodeNode),
    initializer: graph.initializers.map(encodeTensor),
    input: graph.inputs.map(encodeValue),
    output: graph.outputs.map(encodeValue),
  });
}

function encodeNode(node: OnnxNode): NodeProto {
  return create(NodeProtoSchema, {
    input: [...node.inputs],
    output: [...node.outputs],
    opType: node.opType,
    name: node.name ?? '',
    domain: node.domain ?? '',
    attribute: node.attributes === undefined ? [] : encodeAttributes(node.attributes, encodeGraph),
  });
}

function encodeValue(value: OnnxValue): ValueInfoProto {
  const dim = value.shape.map((size) => ({
    value:
      typeof size === 'number'
        ? { case: 'dimValue' as const, value: BigInt(size) }
        : { case: 'dimParam' as const, value: size },
  }));
  const tensorType = { elemType: elementTypeCode(value.type), shape: { dim } };
  return create(ValueInfoProtoSchema, {
    name: value.name,
    type: { value: { case: 'tensorType', value: tensorType } },
  });
}
