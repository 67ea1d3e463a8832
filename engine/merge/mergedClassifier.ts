/**
 * Gives a merged encoder its trained classifier: its tensors beside the encoder's, under the names by which transformers
 * finds them, and its labels in config.json. It works in a folder that nobody sees yet.
 */
import { readFile, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { TrainedClassifier } from '../adapter/headFile.ts';
import type { EncoderConfig, EncoderType } from '../checkpoint/config/encoderConfig.ts';
import { usualNaming } from '../checkpoint/config/encoderConfig.ts';
import { encoderTensors } from '../checkpoint/config/encoderTensors.ts';
import type { ModelConfig } from '../checkpoint/config/modelConfig.ts';
import { openSafetensors, type SafetensorsFile } from '../checkpoint/safetensors/safetensorsReader.ts';
import { writeSafetensors, type TensorToWrite } from '../checkpoint/safetensors/safetensorsWriter.ts';
import { INDEX_FILE } from '../checkpoint/safetensors/shards.ts';
import { readOptionalText } from '../checkpoint/smallFile.ts';
import { CancelledError, ExpectedError } from '../errors/expected.ts';
import { writeFileAtomically } from '../files/atomicFile.ts';
import { withMembers } from './files/jsonMembers.ts';

const CHUNK_BYTES = 4 << 20;

const ARCHITECTURES: Readonly<Record<EncoderType, string>> = {
  bert: 'BertForSequenceClassification',
  roberta: 'RobertaForSequenceClassification',
  distilbert: 'DistilBertForSequenceClassification',
  modernbert: 'ModernBertForSequenceClassification',
};

/**
 * @param folder the merged weights and the base's other files
 * @param files names of the weight files
 * @throws ExpectedError `merge/notAnEncoder`; CancelledError
 */
export async function addClassifier(
  folder: string,
  files: readonly string[],
  config: ModelConfig,
  classifier: TrainedClassifier,
  signal: AbortSignal | undefined,
): Promise<void> {
  const encoder = requireEncoder(config, folder);
  const renamed = createRenaming(encoder);
  const added = classifier.tensors.map(({ name, shape, values }) => ({
    ...({ name: renamed(name), dtype: 'F32', shape } as const),
    bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  }));
  const places = new Map<string, string>();
  for (const [index, name] of files.entries()) {
    const isLast = index === files.length - 1;
    for (const tensor of await rewriteFile(join(folder, name), renamed, added, isLast, signal))
      places.set(tensor, name);
  }
  await rewriteIndex(folder, places);
  await rewriteConfig(folder, encoder, classifier);
}

function requireEncoder(config: ModelConfig, folder: string): EncoderConfig {
  if (config.family === 'encoder') return config;
  const fix = 'Take the base checkpoint that the adapter was trained on.';
  throw new ExpectedError('merge/notAnEncoder', `${config.modelType} has no classifier`, fix, { file: folder });
}

/** An encoder that was saved alone has no prefix before its names; with a classifier beside it, it needs one. */
function createRenaming(config: EncoderConfig): (name: string) => string {
  if (config.naming.prefix !== '') return (name) => name;
  const { prefix } = usualNaming(config.modelType);
  const naming = { ...config.naming, prefix, hasHead: true };
  const known = new Set(encoderTensors({ ...config, naming }).map(({ name }) => name));
  return (name) => (known.has(prefix + name) ? prefix + name : name);
}

/** @returns names of the tensors that the file holds now */
async function rewriteFile(
  path: string,
  renamed: (name: string) => string,
  added: readonly TensorToWrite[],
  isLast: boolean,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const replaced = new Set(added.map(({ name }) => name));
  const file = await openSafetensors(path);
  const fresh = `${path}.classified`;
  let tensors: readonly TensorToWrite[];
  try {
    const kept = [...file.tensors.values()]
      .map(({ name, dtype, shape }) => ({ name: renamed(name), dtype, shape, bytes: chunksOf(file, name, signal) }))
      .filter(({ name }) => !replaced.has(name));
    tensors = isLast ? [...kept, ...added] : kept;
    await writeSafetensors(fresh, tensors, { format: 'pt', ...Object.fromEntries(file.metadata) });
  } finally {
    await file.close();
  }
  await rename(fresh, path);
  return tensors.map(({ name }) => name);
}

async function* chunksOf(
  file: SafetensorsFile,
  name: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const byteLength = file.tensors.get(name)?.byteLength ?? 0;
  for (let offset = 0; offset < byteLength; offset += CHUNK_BYTES) {
    if (signal?.aborted === true) throw new CancelledError();
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, byteLength - offset));
    await file.readInto(name, offset, chunk);
    yield chunk;
  }
}

/** Where the checkpoint has shards, their index names every tensor. */
async function rewriteIndex(folder: string, places: ReadonlyMap<string, string>): Promise<void> {
  const path = join(folder, INDEX_FILE);
  const text = await readOptionalText(path);
  if (text === undefined) return;
  const index = JSON.parse(text) as { metadata?: Record<string, unknown> };
  const totalSize = await totalBytes(folder, new Set(places.values()));
  const metadata = { ...index.metadata, total_size: totalSize };
  await writeFileAtomically(
    path,
    `${JSON.stringify({ ...index, metadata, weight_map: Object.fromEntries(places) }, null, 2)}\n`,
  );
}

async function totalBytes(folder: string, names: ReadonlySet<string>): Promise<number> {
  let total = 0;
  for (const name of names) {
    const file = await openSafetensors(join(folder, basename(name)));
    for (const { byteLength } of file.tensors.values()) total += byteLength;
    await file.close();
  }
  return total;
}

async function rewriteConfig(
  folder: string,
  { modelType }: EncoderConfig,
  { labels, problem }: TrainedClassifier,
): Promise<void> {
  const path = join(folder, 'config.json');
  const changed = withMembers(await readFile(path, 'utf8'), {
    architectures: [ARCHITECTURES[modelType]],
    id2label: Object.fromEntries(labels.map((label, id) => [String(id), label])),
    label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
    num_labels: labels.length,
    problem_type: problem === 'regression' ? problem : 'single_label_classification',
  });
  await writeFileAtomically(path, changed);
}
