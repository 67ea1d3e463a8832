/** The parameters of an encoder layer as its graph reads them, and where each comes from in the checkpoint. */
import type { EncoderConfig } from '../../checkpoint/config/encoderConfig.ts';
import { encoderLayer, type LinearTensors, type NormTensors } from '../../checkpoint/config/encoderTensors.ts';
import { projectionOf, wholeTensor, type LayerParameter, type Projection } from './stackedModules.ts';

export const ENCODER_PROJECTIONS = ['queryKeyValue', 'attentionOutput', 'up', 'down'] as const;
export type EncoderProjection = (typeof ENCODER_PROJECTIONS)[number];

export interface EncoderParameters {
  readonly projections: Readonly<Record<EncoderProjection, Projection>>;
  /** Weights and biases of the norms; ModernBERT's first layer has one norm only. */
  readonly norms: readonly LayerParameter[];
}

/** The parameters of layer `layer`. */
export function encoderParameters(config: EncoderConfig, layer: number): EncoderParameters {
  const tensors = encoderLayer(config, layer);
  const projection = (name: EncoderProjection, modules: readonly LinearTensors[]): Projection =>
    projectionOf(name, modules[0]?.columns ?? 0, modules);
  return {
    projections: {
      queryKeyValue: projection('queryKeyValue', tensors.queryKeyValue),
      attentionOutput: projection('attentionOutput', [tensors.attentionOutput]),
      up: projection('up', [tensors.up]),
      down: projection('down', [tensors.down]),
    },
    norms: [
      ...(tensors.attentionNorm === undefined ? [] : normParameters('attentionNorm', tensors.attentionNorm)),
      ...normParameters('mlpNorm', tensors.mlpNorm),
    ],
  };
}

/** Weight and bias of a norm, named `NAME` and `NAME.bias`. */
function normParameters(name: string, { weight, bias, size }: NormTensors): readonly LayerParameter[] {
  return [wholeTensor(name, weight, size), ...(bias === undefined ? [] : [wholeTensor(`${name}.bias`, bias, size)])];
}
