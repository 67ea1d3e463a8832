/** Rotary frequencies and the tables of their cosines and sines, in single precision as transformers computes them. */
import type { DecoderConfig, RopeScaling } from './decoderConfig.ts';

/** theta^(-2i/d) for each pair of a head, stretched as the configuration says; [headSize / 2], radians per position. */
function inverseFrequencies(config: Pick<DecoderConfig, 'headSize' | 'ropeTheta' | 'ropeScaling'>): Float32Array {
  const { headSize, ropeTheta, ropeScaling } = config;
  return Float32Array.from({ length: headSize / 2 }, (_, pair) => {
    const exponent = Math.fround((2 * pair) / headSize);
    return scaled(Math.fround(1 / Math.fround(ropeTheta ** exponent)), ropeScaling);
  });
}

/** Llama 3.1's rule keeps short wavelengths, stretches long ones, and blends those between. */
function scaled(frequency: number, scaling: RopeScaling): number {
  if (scaling.kind === 'none') return frequency;
  if (scaling.kind === 'linear') return frequency / scaling.factor;
  const { factor, lowFrequencyFactor, highFrequencyFactor, originalMaxPositions } = scaling;
  const wavelength = (2 * Math.PI) / frequency;
  if (wavelength < originalMaxPositions / highFrequencyFactor) return frequency;
  if (wavelength > originalMaxPositions / lowFrequencyFactor) return frequency / factor;
  const share = (originalMaxPositions / wavelength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
  return ((1 - share) * frequency) / factor + share * frequency;
}

/** cos and sin of position times frequency, each [positions, headSize / 2]. */
export function rotaryTables(
  config: Pick<DecoderConfig, 'headSize' | 'ropeTheta' | 'ropeScaling'>,
  positions: number,
): { readonly cos: Float32Array; readonly sin: Float32Array } {
  const frequencies = inverseFrequencies(config);
  const pairs = frequencies.length;
  const angle = (index: number): number => Math.fround(Math.floor(index / pairs) * (frequencies[index % pairs] ?? 0));
  const length = positions * pairs;
  return {
    cos: Float32Array.from({ length }, (_, index) => Math.cos(angle(index))),
    sin: Float32Array.from({ length }, (_, index) => Math.sin(angle(index))),
  };
}
