/** The global norm of the gradients, and clipping by it (Pascanu et al. 2013, algorithm 1). */

/** Euclidean norm, summed in double precision. */
export function gradientNorm(gradients: Float32Array): number {
  let sum = 0;
  for (const gradient of gradients) sum += gradient * gradient;
  return Math.sqrt(sum);
}

/** Scales gradients in place so that their norm is at most `maxNorm`; the reference adds 1e-6 to the norm, and so do we. */
export function clipGradients(gradients: Float32Array, norm: number, maxNorm: number): void {
  const factor = maxNorm / (norm + 1e-6);
  if (factor >= 1) return;
  for (let i = 0; i < gradients.length; i++) gradients[i] = (gradients[i] ?? 0) * factor;
}
