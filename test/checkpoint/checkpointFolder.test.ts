/** Checkpoint folders: what makes one whole, and which file, tensor and way out each fault is told with. */
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { checkpointFingerprint } from '../../engine/checkpoint/fingerprint.ts';
import { openSafetensors } from '../../engine/checkpoint/safetensors/safetensorsReader.ts';
import { writeSafetensors, type TensorToWrite } from '../../engine/checkpoint/safetensors/safetensorsWriter.ts';
import { ExpectedError } from '../../engine/errors/expected.ts';
import { ARCHITECTURES } from '../adapter/sampleAdapter.ts';
import { scratchFolder } from './handmadeFile.ts';

const scratch = scratchFolder();
let count = 0;

/** A copy of a golden checkpoint, to be broken. */
function copyOf(name: string): string {
  const folder = join(scratch, `${name} ${String((count += 1))}`);
  cpSync(join(ARCHITECTURES, name), folder, { recursive: true });
  return folder;
}

async function faultOf(folder: string): Promise<ExpectedError> {
  const error: unknown = await openCheckpoint(folder).then(
    (checkpoint) => checkpoint.close(),
    (reason: unknown) => reason,
  );
  if (error instanceof ExpectedError) return error;
  throw new Error(`expected an ExpectedError, found ${String(error)}`);
}

type Tensors = Map<string, TensorToWrite>;

/** Writes the folder's only weight file anew, changed. */
async function rewrite(folder: string, change: (tensors: Tensors) => void): Promise<void> {
  const path = join(folder, 'model.safetensors');
  const file = await openSafetensors(path);
  const tensors: Tensors = new Map();
  for (const [name, { dtype, shape }] of file.tensors)
    tensors.set(name, { name, dtype, shape, bytes: await file.read(name) });
  await file.close();
  change(tensors);
  await writeSafetensors(path, [...tensors.values()]);
}

function editJson(path: string, change: (json: Record<string, unknown>) => void): void {
  const json = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  change(json);
  writeFileSync(path, JSON.stringify(json));
}

const INDEX = 'model.safetensors.index.json';
const UP = 'model.layers.1.mlp.up_proj.weight';

describe('weights', () => {
  test.each(['pytorch_model.bin', 'model.pt', 'model.pth', 'model.ckpt', 'model.pkl'])(
    '%s is refused with the way to convert it',
    async (name) => {
      const folder = copyOf('llama');
      renameSync(join(folder, 'model.safetensors'), join(folder, name));
      for (const path of [folder, join(folder, name)]) {
        const fault = await faultOf(path);
        expect(fault).toMatchObject({ code: 'checkpoint/pickle', place: { file: join(folder, name) } });
        expect(fault.message).toMatch(/can run any code.*from_pretrained\('\.'\)\.save_pretrained\('safetensors'\)/);
      }
    },
  );

  test('a pickle beside safetensors is no matter', async () => {
    const folder = copyOf('llama');
    writeFileSync(join(folder, 'optimizer.pt'), 'x');
    await (await openCheckpoint(folder)).close();
  });

  test('a folder of nothing, of an adapter, of GGUF, and no folder', async () => {
    const folder = copyOf('llama');
    rmSync(join(folder, 'model.safetensors'));
    expect(await faultOf(folder)).toMatchObject({ code: 'checkpoint/noWeights', place: { file: folder } });
    writeFileSync(join(folder, 'adapter_config.json'), '{}');
    expect((await faultOf(folder)).fix).toContain('base checkpoint');
    writeFileSync(join(folder, 'model.gguf'), 'x');
    expect(await faultOf(folder)).toMatchObject({ code: 'checkpoint/gguf' });
    rmSync(join(folder, 'config.json'));
    expect(await faultOf(folder)).toMatchObject({ code: 'checkpoint/noConfig' });
    expect(await faultOf(join(folder, 'nowhere'))).toMatchObject({ code: 'files/ENOENT' });
    expect(await faultOf(join(ARCHITECTURES, 'llama', 'config.json'))).toMatchObject({ code: 'checkpoint/notAFolder' });
  });

  test('a missing tensor, a foreign shape and a quantized type name the tensor', async () => {
    const [missing, shape, dtype] = [copyOf('llama'), copyOf('llama'), copyOf('llama')];
    await rewrite(missing, (tensors) => tensors.delete(UP));
    expect(await faultOf(missing)).toMatchObject({ code: 'checkpoint/missingTensor', place: { tensor: UP } });
    await rewrite(shape, (tensors) => {
      const tensor = tensors.get(UP)!;
      tensors.set(UP, { ...tensor, shape: tensor.shape.toReversed() });
    });
    const fault = await faultOf(shape);
    expect(fault).toMatchObject({ code: 'checkpoint/wrongShape', place: { tensor: UP } });
    expect(fault.problem).toMatch(/shape \[\d+, \d+\], but config\.json implies \[\d+, \d+\]/);
    await rewrite(dtype, (tensors) => {
      const tensor = tensors.get(UP)!;
      const elements = tensor.shape.reduce((total, size) => total * size, 1);
      tensors.set(UP, { ...tensor, dtype: 'I8', bytes: new Uint8Array(elements) });
    });
    const quantized = await faultOf(dtype);
    expect(quantized).toMatchObject({ code: 'checkpoint/unsupportedDtype', place: { tensor: UP } });
    expect(quantized.problem).toBe('element type I8, expected F32, F16, BF16');
  });

  test('a missing head says how a tied one is spelt; a second copy of a tied head must be one', async () => {
    const untied = copyOf('llama');
    await rewrite(untied, (tensors) => tensors.delete('lm_head.weight'));
    expect((await faultOf(untied)).fix).toContain('"tie_word_embeddings": true');
    const tied = copyOf('llama-llama3-tied');
    await rewrite(tied, (tensors) => {
      tensors.set('lm_head.weight', { ...tensors.get('model.embed_tokens.weight')!, name: 'lm_head.weight' });
    });
    await (await openCheckpoint(tied)).close();
    await rewrite(tied, (tensors) => {
      const head = tensors.get('lm_head.weight')!;
      const bytes = Uint8Array.from(head.bytes as Uint8Array);
      bytes[bytes.length - 1]! ^= 0x01;
      tensors.set('lm_head.weight', { ...head, bytes });
    });
    expect(await faultOf(tied)).toMatchObject({ code: 'checkpoint/untiedHead', place: { tensor: 'lm_head.weight' } });
  });

  test('tensors beyond the architecture are told of, old buffers are not', async () => {
    const folder = copyOf('llama');
    await rewrite(folder, (tensors) => {
      const extra = { dtype: 'F32', shape: [1], bytes: new Uint8Array(4) } as const;
      for (const name of ['model.layers.0.self_attn.rotary_emb.inv_freq', 'model.extra'])
        tensors.set(name, { name, ...extra });
    });
    const checkpoint = await openCheckpoint(folder);
    expect(checkpoint.warnings).toEqual([expect.stringMatching(/^model\.extra: not part of llama/)]);
    await checkpoint.close();
  });
});

describe('shards', () => {
  test('tensors come from the shard that holds them; parameters count once', async () => {
    const checkpoint = await openCheckpoint(join(ARCHITECTURES, 'llama-bf16-sharded'));
    expect(checkpoint.files.map(({ path }) => basename(path))).toEqual([
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
    ]);
    const elements = [...checkpoint.tensors.values()].map(({ entry }) => entry.byteLength / 2);
    expect(checkpoint.parameterCount).toBe(elements.reduce((a, b) => a + b, 0));
    await checkpoint.close();
  });

  test('a shard that is not there is named', async () => {
    const folder = copyOf('llama-bf16-sharded');
    const shard = join(folder, 'model-00002-of-00002.safetensors');
    rmSync(shard);
    expect(await faultOf(folder)).toMatchObject({ code: 'checkpoint/missingShard', place: { file: shard } });
  });

  test.each([
    '../outside.safetensors',
    '/etc/outside.safetensors',
    'sub/inner.safetensors',
    'C:\\outside.safetensors',
    '.hidden.safetensors',
    'model.bin',
    3,
  ])('an index cannot point to %s', async (target) => {
    const folder = copyOf('llama-bf16-sharded');
    editJson(join(folder, INDEX), ({ weight_map: map }) => {
      (map as Record<string, unknown>)[UP] = target;
    });
    expect(await faultOf(folder)).toMatchObject({ code: 'checkpoint/invalidIndex', place: { tensor: UP } });
  });

  test('an index that disagrees with its shards names the tensor', async () => {
    const [moved, lacking, surplus] = [1, 2, 3].map(() => copyOf('llama-bf16-sharded')) as [string, string, string];
    editJson(join(moved, INDEX), ({ weight_map: map }) => {
      const shards = map as Record<string, string>;
      const other = shards[UP] === 'model-00001-of-00002.safetensors' ? '2' : '1';
      shards[UP] = `model-0000${other}-of-00002.safetensors`;
    });
    expect((await faultOf(moved)).message).toMatch(
      /tensor model\.layers\.1\.mlp\.up_proj\.weight: expected the tensor in/,
    );
    editJson(join(lacking, INDEX), (json) => {
      const map = Object.entries(json['weight_map'] as Record<string, string>);
      json['weight_map'] = Object.fromEntries(map.filter(([name]) => name !== UP));
    });
    expect((await faultOf(lacking)).message).toContain('has a tensor that the index lacks');
    editJson(join(surplus, INDEX), ({ weight_map: map }) => {
      (map as Record<string, string>)['ghost'] = 'model-00001-of-00002.safetensors';
    });
    expect((await faultOf(surplus)).message).toContain('found it nowhere');
  });

  test('a wrong total size is a warning, as transformers ignores it', async () => {
    const folder = copyOf('llama-bf16-sharded');
    editJson(join(folder, INDEX), (json) => (json['metadata'] = { total_size: 1 }));
    const checkpoint = await openCheckpoint(folder);
    expect(checkpoint.warnings).toEqual([expect.stringContaining('metadata.total_size is 1, but')]);
    await checkpoint.close();
  });
});

describe.runIf(process.platform !== 'win32')('links', () => {
  test.each(['model.safetensors', 'config.json'])('%s cannot be a link out of the folder', async (name) => {
    const folder = copyOf('llama');
    const outside = join(scratch, `outside ${name}`);
    renameSync(join(folder, name), outside);
    symlinkSync(outside, join(folder, name));
    const fault = await faultOf(folder);
    expect(fault).toMatchObject({ code: 'checkpoint/outsideFolder', place: { file: join(folder, name) } });
    expect(fault.problem).toContain(outside);
  });

  test('a link within the folder, a linked folder, and a snapshot of the Hugging Face cache are fine', async () => {
    const folder = copyOf('llama');
    renameSync(join(folder, 'model.safetensors'), join(folder, 'weights.safetensors'));
    symlinkSync('weights.safetensors', join(folder, 'model.safetensors'));
    await (await openCheckpoint(folder)).close();
    symlinkSync(folder, join(scratch, 'linked'));
    await (await openCheckpoint(join(scratch, 'linked'))).close();
    const snapshot = join(scratch, 'models--x', 'snapshots', 'abc');
    const blobs = join(scratch, 'models--x', 'blobs');
    mkdirSync(snapshot, { recursive: true });
    cpSync(join(ARCHITECTURES, 'llama'), blobs, { recursive: true });
    for (const name of ['config.json', 'model.safetensors'])
      symlinkSync(join('..', '..', 'blobs', name), join(snapshot, name));
    await (await openCheckpoint(snapshot)).close();
  });
});

describe('the fingerprint', () => {
  const fingerprintOf = async (folder: string): Promise<string> => {
    const checkpoint = await openCheckpoint(folder);
    const { value } = await checkpointFingerprint(checkpoint);
    await checkpoint.close();
    return value;
  };

  test('is that of the tensors, however they are spread over files', async () => {
    const original = await fingerprintOf(join(ARCHITECTURES, 'llama-bf16-sharded'));
    const joined = join(scratch, 'joined');
    mkdirSync(joined);
    cpSync(join(ARCHITECTURES, 'llama-bf16-sharded', 'config.json'), join(joined, 'config.json'));
    const checkpoint = await openCheckpoint(join(ARCHITECTURES, 'llama-bf16-sharded'));
    const tensors: TensorToWrite[] = [];
    for (const [name, { entry }] of checkpoint.tensors) {
      tensors.push({ name, dtype: entry.dtype, shape: entry.shape, bytes: await checkpoint.readRaw(name) });
    }
    await checkpoint.close();
    await writeSafetensors(join(joined, 'model.safetensors'), tensors);
    expect(await fingerprintOf(joined)).toBe(original);
  });

  test('changes with a single byte of a small tensor', async () => {
    const folder = copyOf('llama');
    const before = await fingerprintOf(folder);
    await rewrite(folder, (tensors) => {
      const norm = tensors.get('model.norm.weight')!;
      const bytes = Uint8Array.from(norm.bytes as Uint8Array);
      bytes[5]! ^= 1;
      tensors.set('model.norm.weight', { ...norm, bytes });
    });
    expect(await fingerprintOf(folder)).not.toBe(before);
  });
});
