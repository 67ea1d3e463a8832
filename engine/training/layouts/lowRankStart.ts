/** What low-rank bypasses begin from: A as PEFT draws it, B zero, so that their product is zero. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { purposeGenerator } from '../../selection/sampling.ts';
import type { TargetModule } from '../../selection/targetModules.ts';

/**
 * Kaiming uniform with a = sqrt(5) (He et al. 2015, as PyTorch's `kaiming_uniform_`): uniform within 1 / sqrt(in).
 *
 * @param into A [rank, in]
 * @param seed with the module's name it settles the numbers
 */
export function initializeLowRank(into: Float32Array, { module, columns }: TargetModule, seed: number): void {
  const random = purposeGenerator(seed, `low-rank factor of ${module}`);
  const bound = 1 / Math.sqrt(columns);
  for (let i = 0; i < into.length; i++) into[i] = (2 * uniformFloat64(random) - 1) * bound;
}
