/** Encodes constants: elements as raw bytes in the model, or a place in a file that the runtime reads by itself. */
import { create } from '@bufbuild/protobuf';
import { elementSizeBytes, elementTypeCode } from './elementTypes.ts';
import { TensorProtoSchema } from './generated/onnx_pb.ts';
import type { TensorProto } from './generated/onnx_pb.ts';
import type { OnnxTensor } from './graph.ts';

/** TensorProto.DataLocation.EXTERNAL */
const EXTERNAL = 1;

export function encodeTensor(tensor: OnnxTensor): TensorProto {
  const head = { name: tensor.name, dataType: elementTypeCode(tensor.type), dims: tensor.shape.map(BigInt) };
  if ('external' in tensor) {
    const { file, offset, length } = tensor.external;
    checkSize(tensor, length);
    const externalData = [
      { key: 'location', value: file },
      { key: 'offset', value: String(offset) },
      { key: 'length', value: String(length) },
    ];
    return create(TensorProtoSchema, { ...head, externalData, dataLocation: EXTERNAL });
  }
  const { buffer, byteOffset, byteLength } = tensor.data;
  checkSize(tensor, byteLength);
  return create(TensorProtoSchema, { ...head, rawData: new Uint8Array(buffer, byteOffset, byteLength) });
}

function checkSize(tensor: OnnxTensor, sizeBytes: number): void {
  const expected = tensor.shape.reduce((product, size) => product * size, elementSizeBytes(tensor.type));
  if (sizeBytes !== expected) {
    const shape = `[${tensor.shape.join(', ')}]`;
    throw new Error(
      `constant ${tensor.name}: ${tensor.type} of shape ${shape} takes ${String(expected)} bytes, got ${String(sizeBytes)}`,
    );
  }
}
