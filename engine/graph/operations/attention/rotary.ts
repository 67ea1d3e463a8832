/** Rotary position embedding in the half-split layout of Hugging Face checkpoints (RoFormer, section 3.2.2). */
import { applyOne, type FloatType, type Graph, type Value } from '../../graph.ts';
import { gradOf, inputOf, outputOf, type Operation } from '../../operation.ts';
import { cast } from '../elements/cast.ts';

/**
 * Rotates the pairs (x[i], x[i + d/2]) of each head by the angle of their position:
 * y1 = x1 cos - x2 sin, y2 = x2 cos + x1 sin. A rotation's transpose is the rotation back, so dx is dy rotated by the
 * negated angle, which the attribute `isInverse` asks for.
 *
 * Inputs: x [batch, heads, sequence, d]; positions int64 [batch, sequence]; cos and sin [positions, d/2].
 */
const rotaryOperation: Operation = {
  name: 'Rotary',
  infer([input]) {
    if (input?.shape.length !== 4) throw new Error('Rotary takes [batch, heads, sequence, headSize]');
    return [{ type: input.type, shape: input.shape }];
  },
  lower(node, context) {
    const [x, positions, cos, sin] = node.inputs.map((input) => context.nameOf(input));
    if (x === undefined || positions === undefined || cos === undefined || sin === undefined) {
      throw new Error('Rotary takes x, positions, cos and sin');
    }
    const angleSin = node.attributes['isInverse'] === true ? context.emit('Neg', [sin]) : sin;
    context.emit('RotaryEmbedding', [x, positions, cos, angleSin], {
      domain: 'com.microsoft',
      outputs: [context.nameOf(outputOf(node, 0))],
    });
  },
  gradient(request) {
    const [positions, cos, sin] = [1, 2, 3].map((index) => inputOf(request.node, index)) as [Value, Value, Value];
    const isInverse = request.node.attributes['isInverse'] !== true;
    const gradInput = applyOne(request.graph, rotaryOperation, [gradOf(request), positions, cos, sin], { isInverse });
    return [gradInput, undefined, undefined, undefined];
  },
};

/** What the rotation needs beside x. */
export interface RotaryAngles {
  /** int64 [batch, sequence] */
  readonly positions: Value;
  /** [positions, headSize / 2] */
  readonly cos: Value;
  /** [positions, headSize / 2] */
  readonly sin: Value;
}

export function rotary(graph: Graph, input: Value, angles: RotaryAngles): Value {
  const type = input.type as FloatType;
  const inputs = [input, angles.positions, cast(graph, angles.cos, type), cast(graph, angles.sin, type)];
  return applyOne(graph, rotaryOperation, inputs, { isInverse: false });
}
