/** Merging and unmerging: what changes, what must not, what is refused, and that nothing is left of a failure. */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeAdapter } from '../../engine/adapter/adapter.ts';
import { openSafetensors } from '../../engine/checkpoint/safetensors/safetensorsReader.ts';
import { CancelledError } from '../../engine/errors/expected.ts';
import { mergeAdapters, type MergeOptions } from '../../engine/merge/mergeAdapters.ts';
import { unmerge } from '../../engine/merge/unmerge.ts';
import { ARCHITECTURES, copyOfCheckpoint, sampleAdapterOf, temporaryFolder } from '../adapter/sampleAdapter.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;

/** An adapter of the golden checkpoint `name` in a new folder. */
async function adapterFolder(name: string, delta?: (entry: number) => number): Promise<string> {
  const path = join(folder, `adapter ${String((count += 1))}`);
  const { config, modules } = await sampleAdapterOf(name, { k: 2 }, delta);
  await writeAdapter(path, config, modules);
  return path;
}

async function request(name: string, changes: Partial<MergeOptions> = {}): Promise<MergeOptions> {
  return {
    base: join(ARCHITECTURES, name),
    adapters: changes.adapters ?? [await adapterFolder(name)],
    output: join(folder, `merged ${String((count += 1))}`),
    dtype: 'base',
    allowOtherBase: false,
    onProgress: () => undefined,
    signal: undefined,
    ...changes,
  };
}

async function weightFiles(path: string): Promise<Map<string, Buffer>> {
  const names = (await readdir(path)).filter((name) => name.endsWith('.safetensors'));
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(path, name))] as const)));
}

const unmergeOf = (options: MergeOptions, output: string): Parameters<typeof unmerge>[0] => ({
  merged: options.output,
  adapters: options.adapters,
  output,
  allowChanged: false,
  onProgress: () => undefined,
  signal: undefined,
});

describe.each(['llama', 'llama-bf16-sharded'])('%s', (name) => {
  test('changes exactly the selected entries', async () => {
    const options = await request(name);
    const report = await mergeAdapters(options);
    const { modules } = await sampleAdapterOf(name, { k: 2 });
    const selected = modules.reduce((total, { deltas }) => total + deltas.length, 0);
    expect(report.entries).toBe(selected);
    expect(report.changed + report.lost).toBe(selected);
    let differing = 0;
    for (const [file, before] of await weightFiles(options.base)) {
      const after = await readFile(join(options.output, file));
      expect(after.length).toBe(before.length);
      const size = name.includes('bf16') ? 2 : 4;
      const base = await openSafetensors(join(options.base, file));
      await base.close();
      const { dataStart } = base;
      expect(after.subarray(0, dataStart).equals(before.subarray(0, dataStart))).toBe(true);
      for (let at = dataStart; at < before.length; at += size) {
        if (!before.subarray(at, at + size).equals(after.subarray(at, at + size))) differing += 1;
      }
    }
    expect(differing).toBe(report.changed);
  });

  test('leaves every byte where all deltas are zero', async () => {
    const options = await request(name, { adapters: [await adapterFolder(name, () => 0)] });
    expect((await mergeAdapters(options)).changed).toBe(0);
    const merged = await weightFiles(options.output);
    for (const [file, before] of await weightFiles(options.base)) expect(merged.get(file)?.equals(before)).toBe(true);
  });

  test.each(['base', 'F32'] as const)('unmerges a merge in %s byte for byte', async (dtype) => {
    const options = await request(name, { dtype });
    await mergeAdapters(options);
    const output = join(folder, `restored ${String((count += 1))}`);
    const report = await unmerge(unmergeOf(options, output));
    expect(report).toMatchObject({ isExact: true, changedSince: 0 });
    const restored = await weightFiles(output);
    for (const [file, before] of await weightFiles(options.base)) expect(restored.get(file)?.equals(before)).toBe(true);
    expect(await readFile(join(output, 'config.json'))).toEqual(await readFile(join(options.base, 'config.json')));
  });

  test('counts deltas that rounding loses', async () => {
    const options = await request(name, { adapters: [await adapterFolder(name, () => 1e-12)] });
    const report = await mergeAdapters(options);
    expect(report).toMatchObject({ changed: 0, lost: report.entries });
  });
});

describe('refusals', () => {
  test('another base, unless it is allowed', async () => {
    const base = await copyOfCheckpoint('llama', join(folder, 'other'));
    const other = await request('llama', {
      base: join(ARCHITECTURES, 'llama-linear'),
      adapters: [await adapterFolder('llama')],
    });
    await expect(mergeAdapters(other)).rejects.toMatchObject({ code: 'merge/otherBase' });
    await expect(mergeAdapters(await request('llama', { base }))).resolves.toBeDefined();
  });

  test('an existing output, and one inside the base', async () => {
    const options = await request('llama');
    await mergeAdapters(options);
    await expect(mergeAdapters(options)).rejects.toMatchObject({ code: 'merge/exists' });
    const base = await copyOfCheckpoint('llama', join(folder, 'nested'));
    await expect(mergeAdapters(await request('llama', { base, output: join(base, 'merged') }))).rejects.toMatchObject({
      code: 'merge/nested',
    });
  });

  test('unmerging with another adapter', async () => {
    const options = await request('llama');
    await mergeAdapters(options);
    const wrong = {
      ...unmergeOf(options, join(folder, 'wrong')),
      adapters: [await adapterFolder('llama', (entry) => entry / 100)],
    };
    await expect(unmerge(wrong)).rejects.toMatchObject({ code: 'merge/changedSince' });
  });

  test('a cancelled merge leaves nothing behind', async () => {
    const options = await request('llama', { signal: AbortSignal.abort() });
    const before = await readdir(folder);
    await expect(mergeAdapters(options)).rejects.toBeInstanceOf(CancelledError);
    expect(await readdir(folder)).toEqual(before);
  });
});
