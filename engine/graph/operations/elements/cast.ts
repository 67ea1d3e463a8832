/** The same values in another floating-point type: where a graph of 16-bit floats needs the range or the digits of 32. */
import { elementTypeCode } from '../../../onnx/elementTypes.ts';
import { applyOne, type FloatType, type Graph, type Value, type ValueType } from '../../graph.ts';
import type { LoweringContext } from '../../loweringContext.ts';
import { gradOf, inputOf, outputOf, type Operation } from '../../operation.ts';

/** y = x, rounded where y's type is the narrower one; dx = dy in the type of x. */
const castOperation: Operation = {
  name: 'Cast',
  infer([input], attributes) {
    if (input === undefined) throw new Error('Cast takes one input');
    return [{ type: attributes['to'] as FloatType, shape: input.shape }];
  },
  lower(node, context) {
    const output = outputOf(node, 0);
    emitCast(context, context.nameOf(inputOf(node, 0)), output.type, [context.nameOf(output)]);
  },
  gradient: (request) => [cast(request.graph, gradOf(request), inputOf(request.node, 0).type as FloatType)],
};

/** Emits the conversion of a value that has a name only. */
export function emitCast(context: LoweringContext, name: string, to: ValueType, outputs?: readonly string[]): string {
  const attributes = { to: { int: elementTypeCode(to) } };
  return context.emit('Cast', [name], outputs === undefined ? { attributes } : { attributes, outputs });
}

/** The input itself where it has the type already. */
export function cast(graph: Graph, input: Value, to: FloatType): Value {
  return input.type === to ? input : applyOne(graph, castOperation, [input], { to });
}
