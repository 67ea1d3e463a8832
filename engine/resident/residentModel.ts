/**
 * A decoder's parameters in a device's memory: uploaded once, read by every session, never written to. In float16 matrices
 * are rounded on the way, which leaves those of F16 and nearly all of BF16 checkpoints as they are.
 */
import type { DecoderConfig } from '../checkpoint/config/decoderConfig.ts';
import { narrowF16 } from '../checkpoint/safetensors/floatConversion.ts';
import { ExpectedError } from '../errors/expected.ts';
import type { FloatType } from '../graph/graph.ts';
import { HEAD_NAMES } from '../model/decoder/headGraph.ts';
import { parameterType } from '../model/layerInputs.ts';
import type { DecoderWeights, EmbeddingTable } from '../model/weights/decoderWeights.ts';
import { float16Tensor, float32Tensor, type DeviceTensor, type HostTensor } from '../runtime/tensor.ts';
import type { DeviceMemory } from './deviceMemory.ts';

/** Bits of a 16-bit float that are all set in infinities and what is no number. */
const EXPONENT = 0x7c00;

export interface ResidentModel {
  readonly config: DecoderConfig;
  /** Type of matrices and embeddings; vectors are float32. */
  readonly precision: FloatType;
  /** Each layer's parameters by the names of its graph's inputs. */
  readonly layers: readonly Readonly<Record<string, DeviceTensor>>[];
  /** [vocabulary, hidden] */
  readonly embedding: DeviceTensor;
  /** Final norm and output embedding, by the names of the head's inputs. */
  readonly head: Readonly<Record<string, DeviceTensor>>;
  dispose(): void;
}

/**
 * The host's copies are not needed afterwards.
 *
 * @throws ExpectedError `run/weightsBeyondFloat16` where float16 cannot hold a weight
 */
export async function uploadModel(
  memory: DeviceMemory,
  weights: DecoderWeights,
  precision: FloatType,
): Promise<ResidentModel> {
  const upload = (name: string, data: Float32Array, shape: readonly number[]): Promise<DeviceTensor> =>
    memory.upload(
      parameterType(shape, precision) === 'float16' ? roundedTensor(name, data, shape) : float32Tensor(data, shape),
    );
  const { config } = weights;
  const layers: Record<string, DeviceTensor>[] = [];
  for (let layer = 0; layer < config.layerCount; layer++) {
    const uploaded: Record<string, DeviceTensor> = {};
    for (const [name, { data, shape }] of await weights.layer(layer))
      uploaded[name] = await upload(`${name} of layer ${String(layer)}`, data, shape);
    layers.push(uploaded);
  }
  const table = [config.vocabularySize, config.hiddenSize];
  const whole = async (name: string, rows: EmbeddingTable): Promise<DeviceTensor> =>
    upload(name, await rows.block(0, config.vocabularySize), table);
  const embedding = await whole('the embedding', weights.embedding);
  const isTied = weights.outputEmbedding === weights.embedding;
  const head = {
    [HEAD_NAMES.norm]: await upload('the final norm', weights.finalNorm, [config.hiddenSize]),
    [HEAD_NAMES.embedding]: isTied ? embedding : await whole('the output embedding', weights.outputEmbedding),
  };
  return {
    config,
    precision,
    layers,
    embedding,
    head,
    dispose() {
      const all = new Set([embedding, ...Object.values(head), ...layers.flatMap((layer) => Object.values(layer))]);
      for (const tensor of all) tensor.dispose();
    },
  };
}

function roundedTensor(name: string, data: Float32Array, shape: readonly number[]): HostTensor {
  const rounded = new Uint16Array(data.length);
  narrowF16(data, rounded);
  const beyond = rounded.findIndex((bits) => (bits & EXPONENT) === EXPONENT);
  if (beyond === -1) return float16Tensor(rounded, shape);
  throw new ExpectedError(
    'run/weightsBeyondFloat16',
    `expected weights that float16 can hold (up to 65504), found ${String(data[beyond])} in ${name}`,
    'Set engine.precision to "float32".',
    { field: 'engine.precision' },
  );
}
