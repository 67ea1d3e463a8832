/** Writes checkpoint folders of random weights, of any size, without holding them in memory. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { expectedTensors } from '../../engine/checkpoint/modelConfig.ts';
import { readModelConfig } from '../../engine/checkpoint/modelConfigFile.ts';
import { roundToBF16 } from '../../engine/checkpoint/floatConversion.ts';
import { writeSafetensors } from '../../engine/checkpoint/safetensorsWriter.ts';

/** Numbers that are drawn once and repeated, from another start in every tensor. */
const POOL_SIZE = (1 << 20) + 7;
const CHUNK_ELEMENTS = 1 << 20;

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

export async function writeRandomCheckpoint(
  folder: string,
  shape: Readonly<Record<string, unknown>>,
  dtype: 'F32' | 'BF16',
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
  await writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' });
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
