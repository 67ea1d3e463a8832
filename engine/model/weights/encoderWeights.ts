/**
 * An encoder's parameters in memory as float32. What lies behind its last layer (final norm and head) is one more layer, by
 * the names of its tensors, so that it is trained as layers are.
 */
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import type { EncoderConfig } from '../../checkpoint/config/encoderConfig.ts';
import { encoderEmbeddings, encoderHead, linearParts, normParts } from '../../checkpoint/config/encoderTensors.ts';
import type { ExpectedTensor } from '../../checkpoint/config/expectedTensor.ts';
import type { LayerWeights, ModelWeights, Parameter } from './modelWeights.ts';
import { loadLayers, residentLayers, type Placement } from './residentLayers.ts';

/** The tables whose rows are added up and normed; those that the architecture lacks are undefined. */
export interface EncoderEmbeddings {
  /** [vocabulary, hidden] */
  readonly tokens: Float32Array;
  /** [rows, hidden] */
  readonly positions: Float32Array | undefined;
  /** [kinds, hidden] */
  readonly types: Float32Array | undefined;
  /** [hidden] */
  readonly normWeight: Float32Array;
  readonly normBias: Float32Array | undefined;
}

export interface EncoderWeights extends ModelWeights {
  readonly config: EncoderConfig;
  readonly embeddings: EncoderEmbeddings;
  /** One more than the configuration's layers: the last is the head's. */
  readonly layers: readonly LayerWeights[];
}

function encoderWeights(
  config: EncoderConfig,
  embeddings: EncoderEmbeddings,
  layers: readonly LayerWeights[],
): EncoderWeights {
  return { config, embeddings, ...residentLayers(layers) };
}

/**
 * Reads a checkpoint.
 *
 * @param config of the checkpoint, with the labels that the head is to have
 * @param startOf what a tensor of the head begins from that the checkpoint does not have in this shape
 */
export async function loadEncoderWeights(
  checkpoint: Checkpoint,
  config: EncoderConfig,
  startOf: (tensor: ExpectedTensor) => Float32Array,
  place?: Placement,
): Promise<EncoderWeights> {
  const read = async (table: ExpectedTensor | undefined): Promise<Float32Array | undefined> =>
    table === undefined ? undefined : checkpoint.readFloat32(table.name);
  const { tokens, positions, types, norm } = encoderEmbeddings(config);
  const embeddings = {
    tokens: await checkpoint.readFloat32(tokens.name),
    positions: await read(positions),
    types: await read(types),
    normWeight: await checkpoint.readFloat32(norm.weight),
    normBias: norm.bias === undefined ? undefined : await checkpoint.readFloat32(norm.bias),
  };
  const head = new Map<string, Parameter>();
  for (const tensor of headTensors(config)) head.set(tensor.name, await headParameter(checkpoint, tensor, startOf));
  return encoderWeights(config, embeddings, [...(await loadLayers(checkpoint, place)), head]);
}

/** Everything behind the last layer, in order. */
function headTensors(config: EncoderConfig): readonly ExpectedTensor[] {
  const { finalNorm, dense, norm, classifier } = encoderHead(config);
  return [
    ...(finalNorm === undefined ? [] : normParts(finalNorm)),
    ...linearParts(dense),
    ...(norm === undefined ? [] : normParts(norm)),
    ...linearParts(classifier),
  ];
}

async function headParameter(
  checkpoint: Checkpoint,
  tensor: ExpectedTensor,
  startOf: (tensor: ExpectedTensor) => Float32Array,
): Promise<Parameter> {
  const { name, shape } = tensor;
  return { shape, data: hasTensor(checkpoint, tensor) ? await checkpoint.readFloat32(name) : startOf(tensor) };
}

/** Whether the checkpoint has the tensor in this shape. */
function hasTensor({ tensors }: Pick<Checkpoint, 'tensors'>, { name, shape }: ExpectedTensor): boolean {
  const found = tensors.get(name)?.entry.shape;
  return found?.length === shape.length && found.every((size, axis) => size === shape[axis]);
}

/**
 * The tensors that are trained as a whole: everything between encoder and logits. BERT's pooler and ModernBERT's final norm
 * are parts of the encoder: the one is trained only where the checkpoint lacks it, the other never.
 */
export function trainedHeadTensors(config: EncoderConfig): readonly ExpectedTensor[] {
  const { dense, norm, classifier } = encoderHead(config);
  const isPooler = config.modelType === 'bert' && config.naming.hasHead;
  return [
    ...(isPooler ? [] : linearParts(dense)),
    ...(norm === undefined ? [] : normParts(norm)),
    ...linearParts(classifier),
  ];
}
