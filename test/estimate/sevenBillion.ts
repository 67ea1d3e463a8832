/** A LLaMA of 7 billion parameters that selected connections are to be trained of, for tests: no weight exists. */
import { parseDecoderConfig } from '../../engine/checkpoint/config/decoderConfigParser.ts';
import type { ChoiceRequest } from '../../engine/estimate/planChoice.ts';
import { linearModules } from '../../engine/selection/targetModules.ts';
import { deltaLayout } from '../../engine/training/layouts/deltaLayout.ts';

const { config } = parseDecoderConfig(
  'llama',
  new Map(
    Object.entries({
      model_type: 'llama',
      hidden_size: 4096,
      intermediate_size: 11008,
      num_hidden_layers: 32,
      num_attention_heads: 32,
      vocab_size: 32000,
      rms_norm_eps: 1e-5,
    }),
  ),
  'config.json',
);
const PARAMETERS = 6.74e9;
const LAYER = 202e6;
const narrow = {
  stored: PARAMETERS * 2,
  float32: PARAMETERS * 4,
  layer: { stored: LAYER * 2, float32: LAYER * 4 },
};
export const wide = { ...narrow, stored: narrow.float32, layer: { stored: LAYER * 4, float32: LAYER * 4 } };

const layout = deltaLayout(
  config,
  linearModules(config).map(({ module, rows, columns }) => ({
    ...{ module, rows, columns, k: 1, neurons: null },
    indices: new Int32Array(rows),
  })),
);

export function request(budgetBytes: number, changes: Partial<ChoiceRequest> = {}): ChoiceRequest {
  return {
    config,
    weights: narrow,
    layout,
    options: { plan: 'auto', savedActivations: 'auto', weights: 'auto', fit: 'auto' },
    relaxedOptions: { plan: 'auto', savedActivations: 'auto', weights: 'auto' },
    hasBlockedAttention: true,
    batchSize: 16,
    microBatchSize: 'auto',
    longest: 256,
    budgetBytes,
    ...changes,
  };
}
