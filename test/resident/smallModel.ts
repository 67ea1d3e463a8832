/** A checkpoint that is small enough for a GPU that the CPU imitates, and what a run made of it. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSafetensors } from '../../engine/checkpoint/safetensors/safetensorsReader.ts';
import { writeRandomCheckpoint } from '../bench/randomCheckpoint.ts';
import { SAMPLE } from '../jobs/sampleRun.ts';

/** Small enough for a GPU that the CPU imitates. */
const SHAPE = {
  vocab_size: 1024,
  hidden_size: 32,
  intermediate_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  tie_word_embeddings: true,
};

/** A BF16 checkpoint of random weights with the sample's tokenizer. */
export async function writeSmallBase(base: string): Promise<void> {
  await writeRandomCheckpoint(base, SHAPE, 'BF16');
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
    await copyFile(join(SAMPLE, 'checkpoint', name), join(base, name));
  }
}

/** Every delta of a run's adapter. */
export async function deltasOf(runFolder: string): Promise<Float32Array> {
  const file = await openSafetensors(join(runFolder, 'adapter', 'adapter_model.safetensors'));
  const parts: number[] = [];
  for (const name of file.tensors.keys()) {
    if (name.endsWith('_deltas')) parts.push(...new Float32Array((await file.read(name)).buffer));
  }
  await file.close();
  return Float32Array.from(parts);
}
