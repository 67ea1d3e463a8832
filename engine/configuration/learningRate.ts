/** The learning rate that a configuration means by "auto". */
import type { Method } from '../protocol/configuration/methods.ts';

/**
 * Geometric means of the official hyper-parameters for LLaMA-7B (NeuroAda's code, 3 epochs): k = 1 has 8e-3 for
 * commonsense and 9e-3 for arithmetic, k = 20 has 7e-4 and 3e-3.
 */
const FEW = { k: 1, learningRate: Math.sqrt(8e-3 * 9e-3) };
const MANY = { k: 20, learningRate: Math.sqrt(7e-4 * 3e-3) };

/** Hidden size of LLaMA-7B. */
const OFFICIAL_WIDTH = 4096;

/**
 * Full fine-tuning: Stanford Alpaca's for LLaMA-7B. LoRA: that of LLM-Adapters (Hu et al. 2023), whose data the official
 * evaluation uses. BitFit: the largest that its authors searched (Ben Zaken et al. 2022).
 */
const OTHERS: Readonly<Partial<Record<Method, number>>> = { full: 2e-5, lora: 3e-4, bitfit: 1e-3 };

/**
 * Peak learning rate of a method. Where connections are selected: for k of them a neuron the power law through the official
 * values, since few deltas want much larger steps than many; and for other widths so that a step stays the same share of a
 * weight, whose typical size in a layer of n inputs is 1 / sqrt(n). Rounded to two digits.
 * @param width the model's hidden size
 */
export function defaultLearningRate(method: Method, k: number, width: number): number {
  const slope = Math.log(MANY.learningRate / FEW.learningRate) / Math.log(MANY.k / FEW.k);
  const official = FEW.learningRate * (k / FEW.k) ** slope;
  return OTHERS[method] ?? Number((official * Math.sqrt(OFFICIAL_WIDTH / width)).toPrecision(2));
}
