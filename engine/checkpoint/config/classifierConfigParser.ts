/** The fields of config.json that tell of an encoder's classifier: its labels, what it predicts, and from what. */
import { invalidConfig, isAbsent, unsupportedOption, type ConfigFields } from './configFields.ts';
import type { ClassifierConfig, EncoderType } from './encoderConfig.ts';

const DEFAULT_LABEL_COUNT = 2;
/** More labels than any classifier has; keeps a hostile number from driving allocations. */
const LABEL_LIMIT = 100_000;

/** @throws ExpectedError `checkpoint/unsupportedOption`, `checkpoint/invalidConfig` */
export function parseClassifier(fields: ConfigFields, modelType: EncoderType): ClassifierConfig {
  const labels = parseLabels(fields);
  return { labels, problem: parseProblem(fields, labels.length), ...parseHead(fields, modelType) };
}

function parseLabels(fields: ConfigFields): readonly string[] {
  const byId = fields.object('id2label');
  const count = fields.optionalPositiveInteger('num_labels');
  if (count !== null && count > LABEL_LIMIT) {
    throw invalidConfig(fields.file, 'num_labels', `at most ${String(LABEL_LIMIT)}`, count);
  }
  if (byId === null) {
    return Array.from({ length: count ?? DEFAULT_LABEL_COUNT }, (_, id) => `LABEL_${String(id)}`);
  }
  const labels = Array.from({ length: byId.size }, (_, id) => {
    const label = byId.get(String(id));
    if (typeof label === 'string') return label;
    throw invalidConfig(fields.file, 'id2label', `a name for each number from 0 to ${String(byId.size - 1)}`, byId);
  });
  if (labels.length === 0 || (count !== null && count !== labels.length)) {
    throw invalidConfig(
      fields.file,
      'num_labels',
      `the number of labels in id2label (${String(labels.length)})`,
      count,
    );
  }
  refuseOtherNumbers(fields, labels);
  return labels;
}

function refuseOtherNumbers(fields: ConfigFields, labels: readonly string[]): void {
  const byLabel = fields.object('label2id');
  for (const [label, id] of byLabel ?? []) {
    if (typeof id === 'number' && labels[id] === label) continue;
    throw invalidConfig(fields.file, 'label2id', `the numbers that id2label gives`, byLabel);
  }
}

function parseProblem(fields: ConfigFields, labelCount: number): ClassifierConfig['problem'] {
  const found = fields.raw('problem_type');
  const problem = labelCount === 1 ? 'regression' : 'classification';
  const name = problem === 'regression' ? 'regression' : 'single_label_classification';
  if (isAbsent(found) || found === name) return problem;
  throw unsupportedOption(fields.file, 'problem_type', found, `${name}, with ${String(labelCount)} labels`);
}

function parseHead(
  fields: ConfigFields,
  modelType: EncoderType,
): Pick<ClassifierConfig, 'pooling' | 'activation' | 'hasDenseBias'> {
  const pooling = 'first';
  switch (modelType) {
    case 'bert':
    case 'roberta':
      return { pooling, activation: 'tanh', hasDenseBias: true };
    case 'distilbert':
      return { pooling, activation: 'relu', hasDenseBias: true };
    case 'modernbert':
      return {
        pooling: parsePooling(fields),
        activation: parseActivation(fields),
        hasDenseBias: fields.boolean('classifier_bias', false),
      };
  }
}

function parsePooling(fields: ConfigFields): ClassifierConfig['pooling'] {
  const pooling = fields.raw('classifier_pooling') ?? 'cls';
  if (pooling === 'cls') return 'first';
  if (pooling === 'mean') return 'mean';
  throw unsupportedOption(fields.file, 'classifier_pooling', pooling, 'cls, mean');
}

function parseActivation(fields: ConfigFields): ClassifierConfig['activation'] {
  const activation = fields.raw('classifier_activation') ?? 'gelu';
  if (activation === 'gelu' || activation === 'relu' || activation === 'tanh') return activation;
  throw unsupportedOption(fields.file, 'classifier_activation', activation, 'gelu (the exact one), relu, tanh');
}
