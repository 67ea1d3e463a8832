/** What a new head begins from, as in transformers: weights normal with the deviation 0.02, biases 0, norms 1. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import type { ExpectedTensor } from '../../checkpoint/config/expectedTensor.ts';
import { purposeGenerator } from '../../selection/sampling.ts';

const DEVIATION = 0.02;

/** @param seed with the tensor's name it settles the numbers */
export function headStart(seed: number): (tensor: ExpectedTensor) => Float32Array {
  return ({ name, shape }) => {
    const values = new Float32Array(shape.reduce((total, size) => total * size, 1));
    if (shape.length === 1) return name.endsWith('.weight') ? values.fill(1) : values;
    const random = purposeGenerator(seed, `head ${name}`);
    // Box and Muller 1958; 1 - u lies in (0, 1].
    return values.map(() => {
      const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(random)));
      return DEVIATION * radius * Math.cos(2 * Math.PI * uniformFloat64(random));
    });
  };
}
