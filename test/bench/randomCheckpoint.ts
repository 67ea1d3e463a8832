/** Writes checkpoint folders of random weights, of any size, without holding them in memory. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { expectedTensors } from '../../engine/checkpoint/config/modelConfig.ts';
import { readModelConfig } from '../../engine/checkpoint/config/modelConfigFile.ts';
import { roundToBF16 } from '../../engine/checkpoint/safetensors/floatConversion.ts';
import { elementSize } from '../../engine/checkpoint/safetensors/dtype.ts';
import { writeSafetensors, type TensorToWrite } from '../../engine/checkpoint/safetensors/safetensorsWriter.ts';

/** Numbers that are drawn once and repeated, from another start in every tensor. */
const POOL_SIZE = (1 << 20) + 7;
const CHUNK_ELEMENTS = 1 << 20;

/** Most bytes of a shard, where a checkpoint is written in several. */
const SHARD_BYTES = 1e9;

/** The shape of SmolLM2-135M. */
export const SMOL_SHAPE = {
  vocab_size: 49152,
  hidden_size: 576,
  intermediate_size: 1536,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  tie_word_embeddings: true,
};

/** The shape of TinyLlama-1.1B. */
export const LLAMA_1B_SHAPE = {
  vocab_size: 32000,
  hidden_size: 2048,
  intermediate_size: 5632,
  num_hidden_layers: 22,
  num_attention_heads: 32,
  num_key_value_heads: 4,
  tie_word_embeddings: false,
};

/** The shape of Llama-3.1-8B. */
export const LLAMA_8B_SHAPE = {
  vocab_size: 128256,
  hidden_size: 4096,
  intermediate_size: 14336,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  tie_word_embeddings: false,
};

/** In one file, or in shards with their index. */
export async function writeRandomCheckpoint(
  folder: string,
  shape: Readonly<Record<string, unknown>>,
  dtype: 'F32' | 'BF16',
  isSharded = false,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const config = {
    model_type: 'llama',
    architectures: ['LlamaForCausalLM'],
    hidden_act: 'silu',
    max_position_embeddings: 2048,
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    torch_dtype: dtype === 'F32' ? 'float32' : 'bfloat16',
    ...shape,
  };
  await writeFile(join(folder, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
  const pool = normalNumbers(dtype);
  const tensors = expectedTensors((await readModelConfig(folder)).config).map(
    ({ name, shape: tensorShape }, number) => {
      const count = tensorShape.reduce((total, size) => total * size, 1);
      return { name, dtype, shape: tensorShape, bytes: repeated(pool, count, number * 7919) };
    },
  );
  if (isSharded) await writeShards(folder, tensors);
  else await writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' });
}

async function writeShards(folder: string, tensors: readonly TensorToWrite[]): Promise<void> {
  const shards: TensorToWrite[][] = [];
  let room = 0;
  let totalBytes = 0;
  for (const tensor of tensors) {
    const bytes = tensor.shape.reduce((total, size) => total * size, elementSize(tensor.dtype));
    if (bytes > room) {
      shards.push([]);
      room = SHARD_BYTES;
    }
    shards.at(-1)?.push(tensor);
    room -= bytes;
    totalBytes += bytes;
  }
  const digits = (number: number): string => String(number).padStart(5, '0');
  const fileOf: Record<string, string> = {};
  for (const [index, shard] of shards.entries()) {
    const file = `model-${digits(index + 1)}-of-${digits(shards.length)}.safetensors`;
    for (const { name } of shard) fileOf[name] = file;
    await writeSafetensors(join(folder, file), shard, { format: 'pt' });
  }
  const index = { metadata: { total_size: totalBytes }, weight_map: fileOf };
  await writeFile(join(folder, 'model.safetensors.index.json'), `${JSON.stringify(index)}\n`);
}

/** Normal numbers of deviation 0.05, as in the weights of a trained model. */
function normalNumbers(dtype: 'F32' | 'BF16'): Float32Array | Uint16Array {
  const random = xoroshiro128plus(42);
  const uniform = (): number => (random.next() >>> 0) / 2 ** 32;
  const numbers = Float32Array.from(
    { length: POOL_SIZE },
    () => 0.05 * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
  return dtype === 'F32' ? numbers : Uint16Array.from(numbers, roundToBF16);
}

async function* repeated(
  pool: Float32Array | Uint16Array,
  count: number,
  start: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let position = start % POOL_SIZE;
  for (let done = 0; done < count;) {
    const length = Math.min(CHUNK_ELEMENTS, count - done, POOL_SIZE - position);
    const part = pool.subarray(position, position + length);
    yield await Promise.resolve(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    position = (position + length) % POOL_SIZE;
    done += length;
  }
}
