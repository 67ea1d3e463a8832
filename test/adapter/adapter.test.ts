// Adapter folders: written and read back the same; hostile and damaged ones are refused with the place.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adaptedModules, openAdapter, readAdapter, writeAdapter } from '../../engine/adapter/adapter.ts';
import { openCheckpoint, type Checkpoint } from '../../engine/checkpoint/checkpoint.ts';
import { openSafetensors } from '../../engine/checkpoint/safetensors/safetensorsReader.ts';
import { writeSafetensors, type TensorToWrite } from '../../engine/checkpoint/safetensors/safetensorsWriter.ts';
import { readSelection, writeSelection } from '../../engine/selection/selectionFile.ts';
import { selectConnections } from '../../engine/selection/selection.ts';
import { ARCHITECTURES, sampleAdapter, temporaryFolder, type SampleAdapter } from './sampleAdapter.ts';

const MODULE = 'model.layers.0.self_attn.q_proj';

let base: Checkpoint;
let folder: string;
let sample: SampleAdapter;

beforeAll(async () => {
  base = await openCheckpoint(join(ARCHITECTURES, 'llama-bf16-sharded'));
  folder = await temporaryFolder();
  sample = await sampleAdapter(base, { neuronShare: 0.5 });
});

afterAll(async () => {
  await base.close();
  await rm(folder, { recursive: true });
});

/** A valid adapter folder whose tensors went through `change`. */
async function changedAdapter(
  name: string,
  change: (tensors: Map<string, TensorToWrite>) => void,
  changeConfig: (config: Record<string, unknown>) => void = () => undefined,
): Promise<string> {
  const target = join(folder, name);
  await writeAdapter(target, sample.config, sample.modules);
  const path = join(target, 'adapter_model.safetensors');
  const file = await openSafetensors(path);
  const tensors = new Map<string, TensorToWrite>();
  for (const entry of file.tensors.values()) tensors.set(entry.name, { ...entry, bytes: await file.read(entry.name) });
  await file.close();
  change(tensors);
  await writeSafetensors(path, [...tensors.values()]);
  const config = { ...sample.config } as Record<string, unknown>;
  changeConfig(config);
  await writeFile(join(target, 'adapter_config.json'), JSON.stringify(config));
  return target;
}

/** Replaces elements of an integer or float tensor. */
function setElement(tensors: Map<string, TensorToWrite>, name: string, position: number, value: number): void {
  const tensor = tensors.get(name) ?? expect.fail(name);
  const bytes = Uint8Array.from(tensor.bytes as Uint8Array);
  const view = new DataView(bytes.buffer);
  if (tensor.dtype === 'U16') view.setUint16(2 * position, value, true);
  else if (tensor.dtype === 'I32') view.setInt32(4 * position, value, true);
  else view.setFloat32(4 * position, value, true);
  tensors.set(name, { ...tensor, bytes });
}

describe('an adapter folder', () => {
  it('holds what was written, module by module or at once', async () => {
    for (const neuronShare of [1, 0.5]) {
      const written = await sampleAdapter(base, { neuronShare, k: 3 });
      const target = join(folder, `whole-${neuronShare}`);
      await writeAdapter(target, written.config, written.modules);
      expect(await readAdapter(target, base.config)).toEqual(written);
      const opened = await openAdapter(target);
      const [first] = adaptedModules(opened, base.config);
      expect(await opened.readModule(first ?? expect.fail())).toEqual(written.modules[0]);
      await opened.close();
    }
  });

  it('is replaced by a later one', async () => {
    const target = join(folder, 'replaced');
    await writeAdapter(target, sample.config, sample.modules);
    const later = await sampleAdapter(base, { k: 1 }, () => 0.5);
    await writeAdapter(target, later.config, later.modules);
    expect(await readAdapter(target, base.config)).toEqual(later);
  });

  it('uses 16-bit columns and the base type for originals', async () => {
    const target = join(folder, 'types');
    await writeAdapter(target, sample.config, sample.modules);
    const file = await openSafetensors(join(target, 'adapter_model.safetensors'));
    const dtypes = Object.fromEntries([...file.tensors].map(([name, { dtype }]) => [name, dtype]));
    await file.close();
    expect(dtypes).toMatchObject({
      [`${MODULE}.neuroada_indices`]: 'U16',
      [`${MODULE}.neuroada_deltas`]: 'F32',
      [`${MODULE}.neuroada_originals`]: 'BF16',
      [`${MODULE}.neuroada_neurons`]: 'I32',
    });
  });
});

describe('a damaged adapter is refused:', () => {
  const cases: readonly [name: string, change: (tensors: Map<string, TensorToWrite>) => void, message: RegExp][] = [
    [
      'a column beyond the base',
      (t) => setElement(t, `${MODULE}.neuroada_indices`, 1, 60_000),
      /columns below the base's \d+, found 60000/,
    ],
    [
      'columns that fall',
      (t) => setElement(t, `${MODULE}.neuroada_indices`, 0, 60_000),
      /ascending numbers.* after 60000 at entry 1/,
    ],
    [
      'a column twice',
      (t) => {
        setElement(t, `${MODULE}.neuroada_indices`, 0, 5);
        setElement(t, `${MODULE}.neuroada_indices`, 1, 5);
      },
      /found 5 after 5 at entry 1/,
    ],
    [
      'a neuron below 0',
      (t) => setElement(t, `${MODULE}.neuroada_neurons`, 0, -1),
      /found a negative number at entry 0/,
    ],
    [
      'a neuron beyond the base',
      (t) => setElement(t, `${MODULE}.neuroada_neurons`, lastNeuron(), 2 ** 31 - 1),
      /found neuron 2147483647/,
    ],
    [
      'a missing list of neurons',
      (t) => void t.delete(`${MODULE}.neuroada_neurons`),
      /expected entries for the base's \d+ neurons/,
    ],
    [
      'missing columns',
      (t) => void t.delete(`${MODULE}.neuroada_indices`),
      /neuroada_indices: expected the tensor, found none/,
    ],
    [
      'missing originals',
      (t) => void t.delete(`${MODULE}.neuroada_originals`),
      /neuroada_originals: expected the tensor, found none/,
    ],
    [
      'missing deltas',
      (t) => void t.delete(`${MODULE}.neuroada_deltas`),
      /neuroada_deltas: expected the tensor, found none/,
    ],
    [
      'a delta that is no number',
      (t) => setElement(t, `${MODULE}.neuroada_deltas`, 2, NaN),
      /expected finite deltas, found NaN at entry 2/,
    ],
    [
      'an infinite delta',
      (t) => setElement(t, `${MODULE}.neuroada_deltas`, 0, -Infinity),
      /found -Infinity at entry 0/,
    ],
    ['columns as floats', (t) => retype(t, `${MODULE}.neuroada_indices`, 'F16'), /expected U16 or I32, found F16/],
    [
      'integers as originals',
      (t) => retype(t, `${MODULE}.neuroada_originals`, 'I16'),
      /expected F32 or F16 or BF16, found I16/,
    ],
    ['deltas of another shape', (t) => reshape(t, `${MODULE}.neuroada_deltas`), /expected the shape \[/],
    ['columns without rows', (t) => reshape(t, `${MODULE}.neuroada_indices`), /expected the shape \[neurons, k\]/],
    [
      'a tensor of no known kind',
      (t) => void t.set('x.lora_A', { name: 'x.lora_A', dtype: 'U8', shape: [1], bytes: new Uint8Array(1) }),
      /x\.lora_A: expected a name that ends in/,
    ],
    [
      'a module that the base lacks',
      (t) => renameModule(t),
      /adapts model\.layers\.99\.self_attn\.q_proj, which the base does not have/,
    ],
  ];

  it.each(cases)('%s', async (name, change, message) => {
    const target = await changedAdapter(name, change);
    await expect(readAdapter(target, base.config)).rejects.toThrow(message);
    await expect(readAdapter(target, base.config)).rejects.toMatchObject({ name: 'ExpectedError' });
  });

  function lastNeuron(): number {
    return (sample.modules[0]?.neurons?.length ?? 0) - 1;
  }

  function retype(tensors: Map<string, TensorToWrite>, name: string, dtype: TensorToWrite['dtype']): void {
    tensors.set(name, { ...(tensors.get(name) ?? expect.fail()), dtype });
  }

  function reshape(tensors: Map<string, TensorToWrite>, name: string): void {
    const tensor = tensors.get(name) ?? expect.fail();
    tensors.set(name, { ...tensor, shape: [tensor.shape.reduce((a, b) => a * b, 1)] });
  }

  function renameModule(tensors: Map<string, TensorToWrite>): void {
    for (const [name, tensor] of [...tensors]) {
      if (!name.startsWith(`${MODULE}.`)) continue;
      const renamed = name.replace('layers.0', 'layers.99');
      tensors.delete(name);
      tensors.set(renamed, { ...tensor, name: renamed });
    }
  }
});

describe('a configuration is refused:', () => {
  it.each<[string, (config: Record<string, unknown>) => void, string, RegExp]>([
    [
      'of a newer version',
      (c) => (c['schema_version'] = 2),
      'adapter/unknownVersion',
      /expected schema_version 1, found 2/,
    ],
    ['of another method', (c) => (c['peft_type'] = 'LORA'), 'adapter/invalidConfig', /field peft_type/],
    ['without a fingerprint', (c) => delete c['base_fingerprint'], 'adapter/invalidConfig', /field base_fingerprint/],
    ['with k = 0', (c) => (c['k'] = 0), 'adapter/invalidConfig', /field k:/],
    [
      'with a wrong count',
      (c) => (c['trainable_parameters'] = 3),
      'adapter/invalidConfig',
      /expected 3 deltas by adapter_config\.json, found \d+/,
    ],
  ])('%s', async (name, change, code, message) => {
    const target = await changedAdapter(name, () => undefined, change);
    await expect(openAdapter(target)).rejects.toThrow(message);
    await expect(openAdapter(target)).rejects.toMatchObject({ code });
  });

  it('that is no JSON, too large or absent', async () => {
    const target = join(folder, 'text');
    await mkdir(target);
    await expect(openAdapter(target)).rejects.toMatchObject({ code: 'files/ENOENT' });
    await writeFile(join(target, 'adapter_config.json'), '{"peft_type": ');
    await expect(openAdapter(target)).rejects.toThrow(/adapter_config\.json: expected JSON/);
    await writeFile(join(target, 'adapter_config.json'), ' '.repeat(2 << 20));
    await expect(openAdapter(target)).rejects.toThrow(/expected at most 1048576 bytes, found 2097152/);
  });
});

describe('a selection folder', () => {
  it('holds what was written, with its statistics beside it', async () => {
    const selection = await selectConnections(
      base,
      { strategy: 'random', neuronShare: 0.3, gradientBatches: 8, k: 2 },
      5,
    );
    await writeSelection(folder, selection);
    expect(await readSelection(folder, base.config)).toEqual(selection.modules);
    expect(JSON.parse(await readFile(join(folder, 'selection.json'), 'utf8'))).toEqual(selection.statistics);
  });
});
