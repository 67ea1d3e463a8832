/** Probabilities as a person sees them: in per cent, and in bands that are shaded alike. */

/** Lower bounds of the bands, the surest first. */
const BANDS = [
  ['sure', 0.9],
  ['likely', 0.5],
  ['open', 0.1],
  ['doubtful', 0],
] as const;

export type ProbabilityBand = (typeof BANDS)[number][0];

export function probabilityBand(logProbability: number): ProbabilityBand {
  const probability = Math.exp(logProbability);
  return BANDS.find(([, bound]) => probability >= bound)?.[0] ?? 'doubtful';
}

/** Such as "97.3 %", "0.04 %" or "2e-7 %". */
export function percentText(logProbability: number): string {
  const percent = Math.exp(logProbability) * 100;
  if (percent >= 1) return `${percent.toFixed(1)} %`;
  return percent >= 0.001 ? `${percent.toPrecision(1)} %` : `${percent.toExponential(0)} %`;
}
