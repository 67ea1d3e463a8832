/** A Hugging Face checkpoint folder: its configuration, and its tensors wherever they lie. */
import { stat } from 'node:fs/promises';
import { ExpectedError } from '../errors/expected.ts';
import { explainingErrors } from '../files/systemError.ts';
import { namingOf } from './config/encoderTensors.ts';
import { expectedTensors, type ModelConfig } from './config/modelConfig.ts';
import { readModelConfig } from './config/modelConfigFile.ts';
import type { SafetensorsFile } from './safetensors/safetensorsReader.ts';
import { openShards } from './safetensors/shards.ts';
import { checkTensors, type PlacedTensor } from './tensorCheck.ts';
import { elementsOf, readFloat32 } from './safetensors/tensorRead.ts';
import { foreignWeights } from './safetensors/weightFormats.ts';

/** An open checkpoint; close it. */
export interface Checkpoint {
  readonly folder: string;
  readonly config: ModelConfig;
  /** In words, for the user: what was found and has no effect. */
  readonly warnings: readonly string[];
  /** The weight files, in order of their names. */
  readonly files: readonly SafetensorsFile[];
  /** Every tensor, those that the architecture does not use included. */
  readonly tensors: ReadonlyMap<string, PlacedTensor>;
  /** Elements of all parameters, each shared one once. */
  readonly parameterCount: number;
  /** @throws ExpectedError `checkpoint/missingTensor` */
  tensor(name: string): PlacedTensor;
  /** The tensor's bytes as they are in the file. */
  readRaw(name: string): Promise<Uint8Array<ArrayBuffer>>;
  /** The tensor's elements, widened to float32; written to the start of `into` where that is given. */
  readFloat32(name: string, into?: Float32Array): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Opens a checkpoint and checks that every parameter of its architecture is there in the right shape.
 * @throws ExpectedError `checkpoint/…` or `files/…`, naming the file, field or tensor
 */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  await refuseNonFolder(folder);
  const { config: described, warnings } = await readModelConfig(folder);
  const shards = await openShards(folder);
  const close = async (): Promise<void> => {
    for (const file of shards.files) await file.close();
  };
  const tensors = new Map(
    shards.files.flatMap((file) => [...file.tensors.values()].map((entry) => [entry.name, { file, entry }] as const)),
  );
  const tensor = (name: string): PlacedTensor => tensors.get(name) ?? refuseUnknown(folder, name);
  const config = named(described, new Set(tensors.keys()));
  try {
    return {
      folder,
      config,
      warnings: [...warnings, ...shards.warnings, ...(await checkTensors(config, tensors, folder))],
      files: shards.files,
      tensors,
      parameterCount: expectedTensors(config).reduce((total, { shape }) => total + elementsOf(shape), 0),
      tensor,
      readRaw: async (name) => tensor(name).file.read(name),
      readFloat32: async (name, into) => readFloat32(tensor(name), into),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The configuration with what the tensors' names tell. */
function named(config: ModelConfig, names: ReadonlySet<string>): ModelConfig {
  return config.family === 'decoder' ? config : { ...config, naming: namingOf(config, names) };
}

async function refuseNonFolder(path: string): Promise<void> {
  const status = await explainingErrors(path, () => stat(path));
  if (status.isDirectory()) return;
  const fix = 'Give the folder that holds config.json.';
  const problem = 'expected a checkpoint folder, found a file';
  throw foreignWeights(path) ?? new ExpectedError('checkpoint/notAFolder', problem, fix, { file: path });
}

function refuseUnknown(folder: string, tensor: string): never {
  const fix = 'Check that the adapter or selection was made for this checkpoint.';
  throw new ExpectedError('checkpoint/missingTensor', 'the checkpoint has no such tensor', fix, {
    file: folder,
    tensor,
  });
}
