/** A decoder's parameters in a device's memory: uploaded once, read by every session, never written to. */
import type { DecoderConfig } from '../checkpoint/config/decoderConfig.ts';
import type { DecoderWeights, EmbeddingTable } from '../model/weights/decoderWeights.ts';
import { HEAD_NAMES } from '../model/decoder/headGraph.ts';
import { float32Tensor, type DeviceTensor } from '../runtime/tensor.ts';
import type { DeviceMemory } from './deviceMemory.ts';

export interface ResidentModel {
  readonly config: DecoderConfig;
  /** Each layer's parameters by the names of its graph's inputs. */
  readonly layers: readonly Readonly<Record<string, DeviceTensor>>[];
  /** [vocabulary, hidden] */
  readonly embedding: DeviceTensor;
  /** Final norm and output embedding, by the names of the head's inputs. */
  readonly head: Readonly<Record<string, DeviceTensor>>;
  dispose(): void;
}

/** The host's copies are not needed afterwards. */
export async function uploadModel(memory: DeviceMemory, weights: DecoderWeights): Promise<ResidentModel> {
  const { config } = weights;
  const layers: Record<string, DeviceTensor>[] = [];
  for (let layer = 0; layer < config.layerCount; layer++) {
    const uploaded: Record<string, DeviceTensor> = {};
    for (const [name, { data, shape }] of await weights.layer(layer))
      uploaded[name] = await memory.upload(float32Tensor(data, shape));
    layers.push(uploaded);
  }
  const table = [config.vocabularySize, config.hiddenSize];
  const whole = async (rows: EmbeddingTable): Promise<DeviceTensor> =>
    memory.upload(float32Tensor(await rows.block(0, config.vocabularySize), table));
  const embedding = await whole(weights.embedding);
  const isTied = weights.outputEmbedding === weights.embedding;
  const head = {
    [HEAD_NAMES.norm]: await memory.upload(float32Tensor(weights.finalNorm, [config.hiddenSize])),
    [HEAD_NAMES.embedding]: isTied ? embedding : await whole(weights.outputEmbedding),
  };
  return {
    config,
    layers,
    embedding,
    head,
    dispose() {
      const all = new Set([embedding, ...Object.values(head), ...layers.flatMap((layer) => Object.values(layer))]);
      for (const tensor of all) tensor.dispose();
    },
  };
}
