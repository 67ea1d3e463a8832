/** The check that a checkpoint's tensors are those of its configuration. */
import { ExpectedError } from '../errors/expected.ts';
import type { Dtype } from './safetensors/dtype.ts';
import type { ExpectedTensor } from './config/expectedTensor.ts';
import { expectedTensors, type ModelConfig } from './config/modelConfig.ts';
import type { TensorEntry } from './safetensors/safetensorsHeader.ts';
import type { SafetensorsFile } from './safetensors/safetensorsReader.ts';

/** A tensor and the file that holds it. */
export interface PlacedTensor {
  readonly file: SafetensorsFile;
  readonly entry: TensorEntry;
}

const WEIGHT_DTYPES: readonly Dtype[] = ['F32', 'F16', 'BF16'];

/** Buffers that older versions of transformers saved although they follow from the configuration. */
const DERIVED_BUFFER = /(^|\.)(rotary_emb\.(inv_freq|cos_cached|sin_cached)|embeddings\.position_ids)$/;

/**
 * Checks that every expected tensor is there with its shape and a float type that the engine reads.
 * @returns a warning where there are tensors that the architecture does not use
 * @throws ExpectedError `checkpoint/missingTensor`, `checkpoint/wrongShape`, `checkpoint/unsupportedDtype`,
 *   `checkpoint/untiedHead`
 */
export async function checkTensors(
  config: ModelConfig,
  tensors: ReadonlyMap<string, PlacedTensor>,
  folder: string,
): Promise<readonly string[]> {
  const expected = expectedTensors(config);
  const missing = expected.filter(({ name }) => !tensors.has(name));
  if (missing.length > 0) throw missingTensors(missing, expected.length, config, folder);
  for (const { name, shape } of expected) {
    const found = tensors.get(name);
    if (found !== undefined) checkTensor(found, shape);
  }
  const used = new Set(expected.map(({ name }) => name));
  if (config.family === 'decoder' && config.tiedEmbeddings) await checkTiedHead(tensors, used);
  const unused = [...tensors.keys()].filter((name) => !used.has(name) && !DERIVED_BUFFER.test(name));
  if (unused.length === 0) return [];
  return [`${listed(unused)}: not part of ${config.modelType} as config.json describes it, left alone`];
}

function checkTensor({ file, entry }: PlacedTensor, expected: readonly number[]): void {
  const { name, dtype, shape } = entry;
  if (!WEIGHT_DTYPES.includes(dtype)) {
    const problem = `element type ${dtype}, expected ${WEIGHT_DTYPES.join(', ')}`;
    const fix = 'Choose the checkpoint that is not quantized, or save it in one of these types.';
    throw new ExpectedError('checkpoint/unsupportedDtype', problem, fix, { file: file.path, tensor: name });
  }
  if (shape.length !== expected.length || shape.some((size, axis) => size !== expected[axis])) {
    const problem = `shape [${shape.join(', ')}], but config.json implies [${expected.join(', ')}]`;
    const fix = 'Check that config.json and the weights belong to the same model.';
    throw new ExpectedError('checkpoint/wrongShape', problem, fix, { file: file.path, tensor: name });
  }
}

/** Some checkpoints hold the tied head as a second copy of the embedding: then it must be one. */
async function checkTiedHead(tensors: ReadonlyMap<string, PlacedTensor>, used: Set<string>): Promise<void> {
  const head = tensors.get('lm_head.weight');
  const embedding = tensors.get('model.embed_tokens.weight');
  if (head === undefined || embedding === undefined) return;
  if (await hasSameContent(head, embedding)) {
    used.add('lm_head.weight');
    return;
  }
  throw new ExpectedError(
    'checkpoint/untiedHead',
    'differs from model.embed_tokens.weight, but config.json says that the two are one (tie_word_embeddings)',
    'Set "tie_word_embeddings": false in config.json if the head is meant to be its own matrix, or else fetch the checkpoint again.',
    { file: head.file.path, tensor: 'lm_head.weight' },
  );
}

const COMPARED_SAMPLES = 64;
const SAMPLE_BYTES = 4096;

/** Compares evenly spread samples: two matrices that were trained apart differ nearly everywhere. */
async function hasSameContent(a: PlacedTensor, b: PlacedTensor): Promise<boolean> {
  const { byteLength, dtype } = a.entry;
  if (dtype !== b.entry.dtype || byteLength !== b.entry.byteLength) return false;
  const sampleBytes = Math.min(SAMPLE_BYTES, byteLength);
  const [bytesA, bytesB] = [new Uint8Array(sampleBytes), new Uint8Array(sampleBytes)];
  for (let sample = 0; sample < COMPARED_SAMPLES; sample += 1) {
    const offset = Math.floor(((byteLength - sampleBytes) * sample) / (COMPARED_SAMPLES - 1));
    await a.file.readInto(a.entry.name, offset, bytesA);
    await b.file.readInto(b.entry.name, offset, bytesB);
    if (bytesA.some((byte, index) => byte !== bytesB[index])) return false;
  }
  return true;
}

function missingTensors(
  missing: readonly ExpectedTensor[],
  expectedCount: number,
  config: ModelConfig,
  folder: string,
): ExpectedError {
  const names = missing.map(({ name }) => name);
  const isHeadAlone = names.length === 1 && names[0] === 'lm_head.weight';
  const problem = `${listed(names)}: missing of the ${String(expectedCount)} tensors that config.json (${config.modelType}) implies`;
  const fix = isHeadAlone
    ? 'If the model shares its embedding with its head, set "tie_word_embeddings": true in config.json.'
    : 'Check that config.json and the weights belong to the same model and that every file was fetched.';
  const place = names[0] === undefined ? { file: folder } : { file: folder, tensor: names[0] };
  return new ExpectedError('checkpoint/missingTensor', problem, fix, place);
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${String(names.length - 3)} more tensors` : shown;
}
