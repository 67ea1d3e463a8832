/**
 * An adapter at the shape of a model of 8 billion parameters beside its base, whose weights are holes in a sparse file:
 * they take no room on disk and read as zeros. Deltas and columns are random.
 */
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { openCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { expectedTensors } from '../../engine/checkpoint/config/modelConfig.ts';
import { readModelConfig } from '../../engine/checkpoint/config/modelConfigFile.ts';
import { checkpointFingerprint } from '../../engine/checkpoint/fingerprint.ts';
import { writeSafetensors, type TensorToWrite } from '../../engine/checkpoint/safetensors/safetensorsWriter.ts';
import { ADAPTER_SCHEMA_VERSION, ADAPTER_TENSORS, type AdapterConfig } from '../../engine/protocol/runs/adapter.ts';
import { ADAPTER_FILES } from '../../engine/protocol/runs/runFolder.ts';
import { linearModules, type TargetModule } from '../../engine/selection/targetModules.ts';

const SHAPE = {
  model_type: 'llama',
  architectures: ['LlamaForCausalLM'],
  hidden_act: 'silu',
  hidden_size: 4096,
  intermediate_size: 14336,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  vocab_size: 128256,
  max_position_embeddings: 8192,
  rms_norm_eps: 1e-5,
  rope_theta: 500000,
  tie_word_embeddings: false,
  torch_dtype: 'bfloat16',
};

const POOL_SIZE = (1 << 20) + 7;

/** Writes `base` and `adapter` into the folder; returns the two. */
export async function writeLargeAdapter(
  folder: string,
  k: number,
): Promise<{ readonly base: string; readonly adapter: string }> {
  const base = join(folder, 'base');
  const adapter = join(folder, 'adapter');
  await writeSparseBase(base);
  const checkpoint = await openCheckpoint(base);
  const modules = linearModules(checkpoint.config);
  const count = modules.reduce((total, { rows }) => total + rows * k, 0);
  const config: AdapterConfig = {
    peft_type: 'NEUROADA',
    schema_version: ADAPTER_SCHEMA_VERSION,
    task_type: 'CAUSAL_LM',
    inference_mode: true,
    base_model_name_or_path: base,
    base_fingerprint: await checkpointFingerprint(checkpoint),
    base_model_type: checkpoint.config.modelType,
    target_modules: modules.map(({ module }) => module),
    strategy: 'magnitude',
    k,
    neuron_share: 1,
    trainable_parameters: count,
    total_parameters: checkpoint.parameterCount,
    neuroada_version: '0.0.0-bench',
  };
  await checkpoint.close();
  await mkdir(adapter, { recursive: true });
  await writeSafetensors(join(adapter, ADAPTER_FILES.model), modules.flatMap(randomModule(k)), { format: 'pt' });
  await writeFile(join(adapter, ADAPTER_FILES.config), JSON.stringify(config));
  return { base, adapter };
}

async function writeSparseBase(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), JSON.stringify(SHAPE));
  const { config } = await readModelConfig(folder);
  const header: Record<string, unknown> = {};
  let end = 0;
  for (const { name, shape } of expectedTensors(config)) {
    const start = end;
    end += 2 * shape.reduce((total, size) => total * size, 1);
    header[name] = { dtype: 'BF16', shape, data_offsets: [start, end] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(json.byteLength));
  const file = await open(join(folder, 'model.safetensors'), 'w');
  try {
    await file.write(Buffer.concat([prefix, json]), 0, undefined, 0);
    await file.truncate(8 + json.byteLength + end);
  } finally {
    await file.close();
  }
}

function randomModule(k: number): (target: TargetModule, number: number) => readonly TensorToWrite[] {
  const random = xoroshiro128plus(42);
  const noise = Float32Array.from({ length: POOL_SIZE }, () => (random.next() | 0) / 2 ** 31);
  return ({ module, rows, columns }, number) => {
    const shape = [rows, k];
    const part = (length: number): Float32Array => noise.subarray(number * 997, number * 997 + length);
    const inRows = (make: (length: number) => ArrayBufferView): AsyncIterable<Uint8Array> => byRows(rows, k, make);
    return [
      { name: module + ADAPTER_TENSORS.indices, dtype: 'U16', shape, bytes: spreadColumns(rows, columns, k, noise) },
      { name: module + ADAPTER_TENSORS.deltas, dtype: 'F32', shape, bytes: inRows((length) => part(length)) },
      {
        name: module + ADAPTER_TENSORS.originals,
        dtype: 'BF16',
        shape,
        // The upper halves of numbers between -1 and 1.
        bytes: inRows((length) =>
          Uint16Array.from(new Uint32Array(part(length).slice().buffer), (bits) => bits >>> 16),
        ),
      },
    ];
  };
}

const ROWS_AT_ONCE = 1024;

async function* byRows(
  rows: number,
  k: number,
  make: (length: number) => ArrayBufferView,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let row = 0; row < rows; row += ROWS_AT_ONCE) {
    const { buffer, byteOffset, byteLength } = make(Math.min(ROWS_AT_ONCE, rows - row) * k);
    yield await Promise.resolve(new Uint8Array(buffer, byteOffset, byteLength));
  }
}

/** One column in each of k equal parts of a row. */
async function* spreadColumns(
  rows: number,
  columns: number,
  k: number,
  noise: Float32Array,
): AsyncGenerator<Uint8Array, void, undefined> {
  const width = Math.floor(columns / k);
  let drawn = 0;
  yield* byRows(rows, k, (length) =>
    Uint16Array.from({ length }, (_, entry) => {
      drawn += 1;
      return (entry % k) * width + Math.floor(((noise[drawn % POOL_SIZE]! + 1) / 2) * (width - 1));
    }),
  );
}
