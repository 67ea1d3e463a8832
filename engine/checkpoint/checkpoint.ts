/** A Hugging Face checkpoint folder: its configuration, and its tensors wherever they lie. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ExpectedError } from '../errors/expected.ts';
import { explainingErrors, systemErrorCode } from '../files/systemError.ts';
import { expectedTensors, type DecoderConfig } from './decoderConfig.ts';
import { readDecoderConfig } from './decoderConfigReader.ts';
import { widenBF16, widenF16 } from './floatConversion.ts';
import type { SafetensorsFile } from './safetensorsReader.ts';
import type { TensorEntry } from './safetensorsHeader.ts';
import { openShards, pickleError } from './shards.ts';

/** A tensor and the file that holds it. */
export interface PlacedTensor {
  readonly file: SafetensorsFile;
  readonly entry: TensorEntry;
}

/** An open checkpoint; close it. */
export interface Checkpoint {
  readonly folder: string;
  readonly config: DecoderConfig;
  /** In words: what was found and left alone. */
  readonly warnings: readonly string[];
  readonly files: readonly SafetensorsFile[];
  readonly tensors: ReadonlyMap<string, PlacedTensor>;
  /** Elements of all parameters, each shared one once. */
  readonly parameterCount: number;
  /** @throws ExpectedError `checkpoint/missingTensor` */
  tensor(name: string): PlacedTensor;
  /** The tensor's elements, widened to float32; written to `into` where that is given. */
  readFloat32(name: string, into?: Float32Array): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Bytes read at once while a 16-bit tensor is widened. */
const CHUNK_BYTES = 4 << 20;

/**
 * Opens a checkpoint and checks that every parameter of its architecture is there in the right shape.
 *
 * @throws ExpectedError `checkpoint/…` naming the file, field or tensor
 */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  await refuseNonFolder(folder);
  const configFile = join(folder, 'config.json');
  const { config, warnings } = readDecoderConfig(await readConfig(configFile), configFile);
  const files = await openShards(folder);
  const tensors = new Map(files.flatMap((file) => [...file.tensors.values()].map((entry) => [entry.name, { file, entry }] as const)));
  const close = async (): Promise<void> => {
    for (const file of files) await file.close();
  };
  const find = (name: string): PlacedTensor => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw missingTensor(folder, name);
    return tensor;
  };
  try {
    const extra = checkTensors(config, tensors, folder);
    return {
      folder,
      config,
      warnings: [...warnings, ...extra],
      files,
      tensors,
      parameterCount: expectedTensors(config).reduce((total, { shape }) => total + elements(shape), 0),
      tensor: find,
      readFloat32: (name, into) => readFloat32(find(name), into),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function refuseNonFolder(folder: string): Promise<void> {
  if (/\.(bin|pt|pth|ckpt|pkl)$/i.test(folder)) throw pickleError(folder);
  const status = await explainingErrors(folder, () => stat(folder));
  if (status.isDirectory()) return;
  throw new ExpectedError('checkpoint/notAFolder', 'expected a checkpoint folder, found a file', 'Give the folder that holds config.json.', {
    file: folder,
  });
}

async function readConfig(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') return explainingErrors(file, () => Promise.reject(error as Error));
    const fix = 'Give the folder of a Hugging Face checkpoint: config.json, *.safetensors and tokenizer.json.';
    throw new ExpectedError('checkpoint/noConfig', 'expected config.json, found none', fix, { file }, error);
  }
}

/** @returns warnings about tensors that the architecture does not have */
function checkTensors(config: DecoderConfig, tensors: ReadonlyMap<string, PlacedTensor>, folder: string): readonly string[] {
  const expected = expectedTensors(config);
  for (const { name, shape } of expected) {
    const found = tensors.get(name)?.entry;
    if (found === undefined) throw missingTensor(folder, name);
    if (found.shape.join() !== shape.join()) {
      throw wrongTensor(folder, name, `expected the shape [${shape.join(', ')}] by config.json, found [${found.shape.join(', ')}]`);
    }
    if (!['F32', 'F16', 'BF16'].includes(found.dtype)) throw wrongTensor(folder, name, `expected F32, F16 or BF16, found ${found.dtype}`);
  }
  const known = new Set(expected.map(({ name }) => name));
  const extra = [...tensors.keys()].filter((name) => !known.has(name) && !/rotary_emb\.inv_freq$|^lm_head\.weight$/.test(name));
  return extra.map((name) => `${folder}: the tensor ${name} is not part of a ${config.modelType} model and is left alone`);
}

async function readFloat32({ file, entry }: PlacedTensor, into?: Float32Array): Promise<Float32Array> {
  const target = into ?? new Float32Array(elements(entry.shape));
  if (entry.dtype === 'F32') {
    await file.readInto(entry.name, 0, new Uint8Array(target.buffer, target.byteOffset, target.byteLength));
    return target;
  }
  const widen = entry.dtype === 'F16' ? widenF16 : widenBF16;
  const buffer = new Uint8Array(Math.min(CHUNK_BYTES, entry.byteLength));
  for (let offset = 0; offset < entry.byteLength; offset += CHUNK_BYTES) {
    const bytes = buffer.subarray(0, Math.min(CHUNK_BYTES, entry.byteLength - offset));
    await file.readInto(entry.name, offset, bytes);
    const count = bytes.byteLength / 2;
    widen(new Uint16Array(bytes.buffer, 0, count), target.subarray(offset / 2, offset / 2 + count));
  }
  return target;
}

function elements(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

function missingTensor(folder: string, tensor: string): ExpectedError {
  return wrongTensor(folder, tensor, 'expected the tensor by config.json, found none', 'checkpoint/missingTensor');
}

function wrongTensor(file: string, tensor: string, problem: string, code = 'checkpoint/wrongTensor'): ExpectedError {
  return new ExpectedError(code, problem, 'Check that config.json belongs to these weights.', { file, tensor });
}
