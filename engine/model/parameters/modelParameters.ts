/** The parameters of a layer of a model of any family. */
import type { ModelConfig } from '../../checkpoint/config/modelConfig.ts';
import { ENCODER_PROJECTIONS, encoderParameters } from './encoderParameters.ts';
import { layerParameters, PROJECTION_NAMES } from './parameters.ts';
import type { LayerParameter, Projection } from './stackedModules.ts';

/** The linear layers of a layer, in the order in which what is trained of them is laid out. */
export function projectionsOf(config: ModelConfig, layer: number): readonly Projection[] {
  if (config.family === 'encoder') {
    const { projections } = encoderParameters(config, layer);
    return ENCODER_PROJECTIONS.map((name) => projections[name]);
  }
  const { projections } = layerParameters(config, layer);
  return PROJECTION_NAMES.map((name) => projections[name]);
}

/** Every parameter of a layer: projections, their biases, norms. */
export function allParameters(config: ModelConfig, layer: number): readonly LayerParameter[] {
  const { norms } = config.family === 'encoder' ? encoderParameters(config, layer) : layerParameters(config, layer);
  const linear = projectionsOf(config, layer).flatMap((projection) =>
    projection.bias === undefined ? [projection] : [projection, projection.bias],
  );
  return [...linear, ...norms];
}

/** The first layer with the same graph: layers of one kind can share sessions. */
export function layerKind(config: ModelConfig, layer: number): number {
  const hasOtherFirst = config.family === 'encoder' && config.modelType === 'modernbert';
  return hasOtherFirst ? Math.min(layer, 1) : 0;
}
