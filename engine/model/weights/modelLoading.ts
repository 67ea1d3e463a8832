/** Reads a checkpoint's weights into memory as float32, whatever its family. */
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import type { ExpectedTensor } from '../../checkpoint/config/expectedTensor.ts';
import type { ResidentModel } from './anyWeights.ts';
import { loadEncoderWeights } from './encoderWeights.ts';
import type { Placement } from './residentLayers.ts';
import { loadWeights } from './residentWeights.ts';

/** @param startOf what a tensor of an encoder's head begins from that the checkpoint lacks */
export function loadModel(
  checkpoint: Checkpoint,
  startOf: (tensor: ExpectedTensor) => Float32Array = zeros,
  place?: Placement,
): Promise<ResidentModel> {
  const { config } = checkpoint;
  return config.family === 'encoder'
    ? loadEncoderWeights(checkpoint, config, startOf, place)
    : loadWeights(checkpoint, place);
}

function zeros({ shape }: ExpectedTensor): Float32Array {
  return new Float32Array(shape.reduce((total, size) => total * size, 1));
}
