// Damaged and hostile files are refused with the file, the tensor and what to do; nothing is believed unchecked.
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSafetensors } from '../../engine/checkpoint/safetensors/safetensorsReader.ts';
import { writeSafetensors, type TensorToWrite } from '../../engine/checkpoint/safetensors/safetensorsWriter.ts';
import { ExpectedError } from '../../engine/errors/expected.ts';
import type { ConnectionSource } from '../../engine/protocol/connections/connectionSource.ts';
import { disposableFolder, newInspection, writtenAdapter, type Ask } from './inspected.ts';
import { writeRun } from './runOnDisk.ts';

const MODULE = 'model.layers.0.self_attn.q_proj';

/** Rewrites the file with its tensors changed. */
async function rewrite(path: string, change: (tensors: Map<string, TensorToWrite>) => void): Promise<void> {
  const file = await openSafetensors(path);
  const tensors = new Map<string, TensorToWrite>();
  for (const entry of file.tensors.values()) tensors.set(entry.name, { ...entry, bytes: await file.read(entry.name) });
  await file.close();
  change(tensors);
  await writeSafetensors(path, [...tensors.values()]);
}

function setBytes(tensors: Map<string, TensorToWrite>, name: string, offset: number, bytes: readonly number[]): void {
  const changed = Uint8Array.from(tensors.get(name)!.bytes as Uint8Array);
  changed.set(bytes, offset);
  tensors.set(name, { ...tensors.get(name)!, bytes: changed });
}

/** The error of describing the source and, where that works, of reading a module of it. */
async function errorOf(ask: Ask, source: ConnectionSource): Promise<ExpectedError> {
  const failed: unknown = await ask('inspection/describe', { source })
    .then(() => ask('inspection/overview', { source, modules: [MODULE] }))
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  if (!(failed instanceof ExpectedError)) throw new Error(`expected an expected error, found ${String(failed)}`);
  expect(failed.place.file).toBeDefined();
  return failed;
}

const ADAPTER_DAMAGE: Readonly<Record<string, readonly [(tensors: Map<string, TensorToWrite>) => void, string]>> = {
  'a column beyond the base': [
    (tensors) => setBytes(tensors, `${MODULE}.neuroada_indices`, 2, [0xff, 0xff]),
    'expected columns below the base',
  ],
  'columns that fall': [
    (tensors) => setBytes(tensors, `${MODULE}.neuroada_indices`, 0, [5, 0, 4, 0]),
    'expected ascending numbers',
  ],
  'a delta that is no number': [
    (tensors) => setBytes(tensors, `${MODULE}.neuroada_deltas`, 0, [0, 0, 0xc0, 0x7f]),
    'expected finite deltas, found NaN',
  ],
  'no originals': [(tensors) => tensors.delete(`${MODULE}.neuroada_originals`), 'expected the tensor, found none'],
  'a tensor of another kind': [
    (tensors) => tensors.set('x', { name: 'x', dtype: 'U8', shape: [1], bytes: new Uint8Array(1) }),
    'expected a name that ends in',
  ],
  'a module of another architecture': [
    (tensors) => {
      for (const [name, tensor] of [...tensors]) {
        if (name.startsWith(MODULE))
          tensors.set(name.replace('q_proj', 'x_proj'), { ...tensor, name: name.replace('q_proj', 'x_proj') });
      }
    },
    'expected a linear layer',
  ],
  'indices of one axis': [
    (tensors) => {
      const name = `${MODULE}.neuroada_indices`;
      tensors.set(name, { ...tensors.get(name)!, shape: [64] });
    },
    'expected the shape [neurons, k]',
  ],
};

describe('an adapter', () => {
  it.each(Object.entries(ADAPTER_DAMAGE))('with %s is refused', async (_, [damage, problem]) => {
    const folder = await writtenAdapter('llama', { k: 2 });
    await rewrite(join(folder, 'adapter_model.safetensors'), damage);
    const error = await errorOf(newInspection(), { kind: 'adapter', folder });
    expect(error.message).toContain(problem);
    expect(error.place.tensor).toBeDefined();
  });

  it('that is cut off is refused', async () => {
    const folder = await writtenAdapter('llama', { k: 2 });
    await truncate(join(folder, 'adapter_model.safetensors'), 5000);
    expect((await errorOf(newInspection(), { kind: 'adapter', folder })).code).toBe('checkpoint/corruptHeader');
  });

  it('without a configuration is refused', async () => {
    const folder = await writtenAdapter('llama', { k: 2 });
    await rm(join(folder, 'adapter_config.json'));
    expect((await errorOf(newInspection(), { kind: 'adapter', folder })).code).toBe('files/ENOENT');
  });
});

describe('a run', () => {
  it('whose state belongs to another run is refused', async () => {
    const { folder } = await writeRun(join(await disposableFolder(), 'run'), 'llama', {
      ...{ steps: [5], k: 1, isFinished: false },
    });
    await rewrite(join(folder, 'checkpoints', 'step-000005', 'state.safetensors'), (tensors) => {
      tensors.set('deltas', { name: 'deltas', dtype: 'F32', shape: [3], bytes: new Uint8Array(12) });
    });
    const error = await errorOf(newInspection(), { kind: 'run', folder, at: 5 });
    expect(error.code).toBe('inspection/foreignState');
  });

  it.each([
    ['{', 'expected JSON'],
    ['{"schemaVersion": 9}', 'schemaVersion'],
    ['[]', 'object'],
  ])('whose selection.json is %s is refused', async (text, problem) => {
    const { folder } = await writeRun(join(await disposableFolder(), 'run'), 'llama', {
      ...{ steps: [5], k: 1, isFinished: false },
    });
    await writeFile(join(folder, 'selection.json'), text);
    const error = await errorOf(newInspection(), { kind: 'run', folder, at: 5 });
    expect(error.code).toBe('selection/invalidStatistics');
    expect(error.problem).toContain(problem);
  });

  it('that never was is refused', async () => {
    const folder = await disposableFolder();
    expect((await errorOf(newInspection(), { kind: 'run', folder, at: 'selection' })).code).toBe('run/notARun');
    const gone = { kind: 'run', folder, at: 77 } as const;
    expect((await errorOf(newInspection(), gone)).code).toBe('run/notARun');
  });

  it('whose checkpoint was removed says so', async () => {
    const { folder } = await writeRun(join(await disposableFolder(), 'run'), 'llama', {
      ...{ steps: [5], k: 1, isFinished: false },
    });
    expect((await errorOf(newInspection(), { kind: 'run', folder, at: 6 })).code).toBe('files/ENOENT');
  });
});

describe('any other file', () => {
  it.each([
    ['is empty', Buffer.alloc(0)],
    ['has a header beyond its end', Buffer.from([0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0, 0x7b, 0x7d])],
    ['is text', Buffer.from('hello, this is no tensor file')],
  ])('that %s is refused', async (_, bytes) => {
    const file = join(await disposableFolder(), 'x.safetensors');
    await writeFile(file, bytes);
    await expect(newInspection()('inspection/tensors', { file })).rejects.toBeInstanceOf(ExpectedError);
  });

  it('that is random bytes after a good one is refused', async () => {
    const folder = await writtenAdapter('llama', { k: 1 });
    const path = join(folder, 'adapter_model.safetensors');
    await writeFile(path, Buffer.concat([await readFile(path), Buffer.alloc(7)]));
    const error: unknown = await newInspection()('inspection/tensors', { file: path }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'checkpoint/corruptHeader', place: { file: path } });
  });
});

describe('questions', () => {
  it('about a module that is not there, or a senseless k, are refused', async () => {
    const ask = newInspection();
    const folder = await writtenAdapter('llama', { k: 1 });
    const source = { kind: 'adapter', folder } as const;
    await expect(ask('inspection/overview', { source, modules: ['lm_head'] })).rejects.toMatchObject({
      code: 'inspection/noSuchModule',
    });
    const checkpoint = { kind: 'checkpoint', folder, k: 0, strategy: 'magnitude' } as const;
    await expect(ask('inspection/describe', { source: checkpoint })).rejects.toMatchObject({
      code: 'inspection/invalidK',
    });
  });
});
