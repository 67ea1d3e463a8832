/** Element types as the ONNX format numbers them (TensorProto.DataType), and the bytes that one element takes. */
import type { ElementType } from './graph.ts';

const ELEMENT_TYPES = {
  float32: { code: 1, sizeBytes: 4 },
  uint8: { code: 2, sizeBytes: 1 },
  int8: { code: 3, sizeBytes: 1 },
  int32: { code: 6, sizeBytes: 4 },
  int64: { code: 7, sizeBytes: 8 },
  bool: { code: 9, sizeBytes: 1 },
  float16: { code: 10, sizeBytes: 2 },
  bfloat16: { code: 16, sizeBytes: 2 },
} as const satisfies Record<ElementType, { code: number; sizeBytes: number }>;

/** TensorProto.DataType of an element type; also the value of Cast's `to` attribute. */
export function elementTypeCode(type: ElementType): number {
  return ELEMENT_TYPES[type].code;
}

export function elementSizeBytes(type: ElementType): number {
  return ELEMENT_TYPES[type].sizeBytes;
}
