/** What the elementwise operations share: broadcast shapes, one ONNX node each. */
import { inputOf, outputOf, type Operation } from '../../operation.ts';
import { broadcast } from '../../shape.ts';

/** An elementwise operation with two broadcast inputs that is one ONNX operator. */
export function binaryOperation(name: string, gradient: Operation['gradient']): Operation {
  return {
    name,
    infer([left, right]) {
      if (left === undefined || right === undefined) throw new Error(`${name} takes two inputs`);
      return [{ type: left.type, shape: broadcast(left.shape, right.shape) }];
    },
    lower(node, context) {
      const inputs = node.inputs.map((input) => context.nameOf(input));
      context.emit(name, inputs, { outputs: [context.nameOf(outputOf(node, 0))] });
    },
    gradient,
  };
}

/** An elementwise operation with one input that is one ONNX operator. */
export function unaryOperation(name: string, gradient: Operation['gradient']): Operation {
  return {
    name,
    infer([input]) {
      if (input === undefined) throw new Error(`${name} takes one input`);
      return [{ type: input.type, shape: input.shape }];
    },
    lower(node, context) {
      context.emit(name, [context.nameOf(inputOf(node, 0))], { outputs: [context.nameOf(outputOf(node, 0))] });
    },
    gradient,
  };
}
