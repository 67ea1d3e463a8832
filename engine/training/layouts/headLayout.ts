/** A layout with an encoder's head, trained as a whole behind whatever is trained of its layers. */
import type { EncoderConfig } from '../../checkpoint/config/encoderConfig.ts';
import { trainedHeadTensors } from '../../model/weights/encoderWeights.ts';
import type { DenseValues, TrainableLayout } from './trainableLayout.ts';

/** The parts of the head stand at the layer after the last, as its parameters do in the weights. */
export function withTrainedHead<Layout extends TrainableLayout>(layout: Layout, config: EncoderConfig): Layout {
  let { size } = layout;
  const head = trainedHeadTensors(config).map(({ name, shape }): DenseValues => {
    const length = shape.reduce((total, count) => total * count, 1);
    const place = { layer: config.layerCount, input: name, shape, offset: size, length };
    size += length;
    return { kind: 'dense', ...place, parameter: name, mask: null };
  });
  return { ...layout, size, parts: [...layout.parts, ...head] };
}

/** The parts of the head. */
export function headParts({ parts, layers }: TrainableLayout): readonly DenseValues[] {
  return parts.filter((part): part is DenseValues => part.kind === 'dense' && part.layer === layers.length);
}
