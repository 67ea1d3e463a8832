/** The tensors of encoder checkpoints, by Hugging Face's names: what each is for, and its shape. */
import { usualNaming, type EncoderConfig, type EncoderTensorNaming, type EncoderType } from './encoderConfig.ts';
import type { ExpectedTensor } from './expectedTensor.ts';

/** A linear layer of the checkpoint. */
export interface LinearTensors {
  readonly module: string;
  readonly rows: number;
  readonly columns: number;
  readonly hasBias: boolean;
}

/** A layer norm of the checkpoint; `bias` is undefined where it has none. */
export interface NormTensors {
  readonly weight: string;
  readonly bias: string | undefined;
  readonly size: number;
}

/** One layer. */
export interface EncoderLayerTensors {
  /** Query, key and value, or one module that holds all three. */
  readonly queryKeyValue: readonly LinearTensors[];
  readonly attentionOutput: LinearTensors;
  /** Undefined in ModernBERT's first layer, whose input is normed already. */
  readonly attentionNorm: NormTensors | undefined;
  readonly up: LinearTensors;
  readonly down: LinearTensors;
  readonly mlpNorm: NormTensors;
}

export interface EncoderEmbeddingTensors {
  readonly tokens: ExpectedTensor;
  readonly positions: ExpectedTensor | undefined;
  readonly types: ExpectedTensor | undefined;
  readonly norm: NormTensors;
}

/** What turns the pooled hidden state into logits, in this order; parts that an architecture lacks are undefined. */
export interface EncoderHeadTensors {
  /** Of the encoder itself, before pooling. */
  readonly finalNorm: NormTensors | undefined;
  readonly dense: LinearTensors;
  readonly norm: NormTensors | undefined;
  readonly classifier: LinearTensors;
}

export function encoderEmbeddings(config: EncoderConfig): EncoderEmbeddingTensors {
  const { modelType, vocabularySize, hiddenSize, positions, typeCount, naming } = config;
  const folder = `${naming.prefix}embeddings`;
  const table = (name: string, rows: number): ExpectedTensor => ({
    name: `${folder}.${name}.weight`,
    shape: [rows, hiddenSize],
  });
  return {
    tokens: table(modelType === 'modernbert' ? 'tok_embeddings' : 'word_embeddings', vocabularySize),
    positions: positions.kind === 'learned' ? table('position_embeddings', positions.rows) : undefined,
    types: typeCount > 0 ? table('token_type_embeddings', typeCount) : undefined,
    norm: norm(config, modelType === 'modernbert' ? `${folder}.norm` : `${folder}.LayerNorm`),
  };
}

export function encoderLayer(config: EncoderConfig, layer: number): EncoderLayerTensors {
  const { hiddenSize, intermediateSize, attentionBias, mlpBias, naming } = config;
  const names = LAYER_NAMES[config.modelType];
  const prefix = `${naming.prefix}${names.folder}.${String(layer)}.`;
  const linear = (module: string, rows: number, columns: number, hasBias: boolean): LinearTensors => ({
    ...{ module: prefix + module, rows, columns, hasBias },
  });
  const isGated = config.modelType === 'modernbert';
  const stackedRows = (3 * hiddenSize) / names.queryKeyValue.length;
  const hasAttentionNorm = !(isGated && layer === 0);
  return {
    queryKeyValue: names.queryKeyValue.map((module) => linear(module, stackedRows, hiddenSize, attentionBias)),
    attentionOutput: linear(names.attentionOutput, hiddenSize, hiddenSize, attentionBias),
    attentionNorm: hasAttentionNorm ? norm(config, prefix + names.attentionNorm) : undefined,
    up: linear(names.up, isGated ? 2 * intermediateSize : intermediateSize, hiddenSize, mlpBias),
    down: linear(names.down, hiddenSize, intermediateSize, mlpBias),
    mlpNorm: norm(config, prefix + names.mlpNorm),
  };
}

const BERT_LAYER = {
  folder: 'encoder.layer',
  queryKeyValue: ['attention.self.query', 'attention.self.key', 'attention.self.value'],
  attentionOutput: 'attention.output.dense',
  attentionNorm: 'attention.output.LayerNorm',
  up: 'intermediate.dense',
  down: 'output.dense',
  mlpNorm: 'output.LayerNorm',
} as const;

const LAYER_NAMES = {
  bert: BERT_LAYER,
  roberta: BERT_LAYER,
  distilbert: {
    folder: 'transformer.layer',
    queryKeyValue: ['attention.q_lin', 'attention.k_lin', 'attention.v_lin'],
    attentionOutput: 'attention.out_lin',
    attentionNorm: 'sa_layer_norm',
    up: 'ffn.lin1',
    down: 'ffn.lin2',
    mlpNorm: 'output_layer_norm',
  },
  modernbert: {
    folder: 'layers',
    queryKeyValue: ['attn.Wqkv'],
    attentionOutput: 'attn.Wo',
    attentionNorm: 'attn_norm',
    up: 'mlp.Wi',
    down: 'mlp.Wo',
    mlpNorm: 'mlp_norm',
  },
} as const satisfies Record<EncoderType, unknown>;

export function encoderHead(config: EncoderConfig): EncoderHeadTensors {
  const { modelType, hiddenSize, classifier, naming } = config;
  const isModern = modelType === 'modernbert';
  return {
    finalNorm: isModern ? norm(config, `${naming.prefix}final_norm`) : undefined,
    dense: {
      ...{ module: denseModule(modelType, naming), rows: hiddenSize, columns: hiddenSize },
      hasBias: classifier.hasDenseBias,
    },
    norm: isModern ? norm(config, 'head.norm') : undefined,
    classifier: {
      ...{ module: classifierModule(modelType), rows: classifier.labels.length, columns: hiddenSize },
      hasBias: true,
    },
  };
}

function denseModule(modelType: EncoderType, { prefix }: EncoderTensorNaming): string {
  return {
    bert: `${prefix}pooler.dense`,
    roberta: 'classifier.dense',
    distilbert: 'pre_classifier',
    modernbert: 'head.dense',
  }[modelType];
}

function classifierModule(modelType: EncoderType): string {
  return modelType === 'roberta' ? 'classifier.out_proj' : 'classifier';
}

function norm({ hiddenSize, normBias, naming }: EncoderConfig, module: string): NormTensors {
  const [weight, bias] = naming.norm;
  return { weight: `${module}.${weight}`, bias: normBias ? `${module}.${bias}` : undefined, size: hiddenSize };
}

export function linearParts({ module, rows, columns, hasBias }: LinearTensors): readonly ExpectedTensor[] {
  return [
    { name: `${module}.weight`, shape: [rows, columns] },
    ...(hasBias ? [{ name: `${module}.bias`, shape: [rows] }] : []),
  ];
}

export function normParts({ weight, bias, size }: NormTensors): readonly ExpectedTensor[] {
  return [{ name: weight, shape: [size] }, ...(bias === undefined ? [] : [{ name: bias, shape: [size] }])];
}

/** Every parameter that the checkpoint must have: the encoder's, and those of the head that it was found to have. */
export function encoderTensors(config: EncoderConfig): readonly ExpectedTensor[] {
  const { layerCount, naming } = config;
  const embeddings = encoderEmbeddings(config);
  const head = encoderHead(config);
  const layers = Array.from({ length: layerCount }, (_, layer) => encoderLayer(config, layer)).flatMap(
    ({ queryKeyValue, attentionOutput, attentionNorm, up, down, mlpNorm }) => [
      ...[...queryKeyValue, attentionOutput].flatMap(linearParts),
      ...(attentionNorm === undefined ? [] : normParts(attentionNorm)),
      ...[up, down].flatMap(linearParts),
      ...normParts(mlpNorm),
    ],
  );
  return [
    ...[embeddings.tokens, embeddings.positions, embeddings.types].filter((table) => table !== undefined),
    ...normParts(embeddings.norm),
    ...layers,
    ...(head.finalNorm === undefined ? [] : normParts(head.finalNorm)),
    ...(naming.hasHead ? linearParts(head.dense) : []),
    ...(naming.hasHead && head.norm !== undefined ? normParts(head.norm) : []),
    ...(naming.hasClassifier ? linearParts(head.classifier) : []),
  ];
}

/** What the names in a checkpoint tell: see {@link EncoderTensorNaming}. */
export function namingOf(config: EncoderConfig, names: ReadonlySet<string>): EncoderTensorNaming {
  const usual = usualNaming(config.modelType);
  const withPrefix = (prefix: string): EncoderConfig => ({ ...config, naming: { ...usual, prefix } });
  const isThere = (prefix: string): boolean => names.has(encoderEmbeddings(withPrefix(prefix)).tokens.name);
  const prefix = [usual.prefix, ''].find(isThere) ?? usual.prefix;
  const { weight } = encoderEmbeddings(withPrefix(prefix)).norm;
  const isOld = !names.has(weight) && names.has(weight.replace(/weight$/, 'gamma'));
  const head = encoderHead(withPrefix(prefix));
  return {
    prefix,
    norm: isOld ? ['gamma', 'beta'] : ['weight', 'bias'],
    hasHead: names.has(`${head.dense.module}.weight`),
    hasClassifier: names.has(`${head.classifier.module}.weight`),
  };
}
