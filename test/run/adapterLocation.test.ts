import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveAdapterFolder } from '../../engine/run/adapterLocation.ts';
import { runFolderPath, runName } from '../../engine/run/runName.ts';
import { newRun, temporaryFolder } from './runFixture.ts';

function writeAdapter(folder: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'adapter_config.json'), '{}');
  writeFileSync(join(folder, 'adapter_model.safetensors'), '');
  return folder;
}

describe('adapter location', () => {
  test('finds the adapter of a run, of a folder and of a file', async () => {
    const run = await newRun();
    const adapter = writeAdapter(join(run, 'adapter'));
    for (const path of [run, adapter, join(adapter, 'adapter_model.safetensors')]) {
      expect(await resolveAdapterFolder(path)).toBe(adapter);
    }
  });

  test('says where an unfinished run stands and how to go on', async () => {
    const run = await newRun();
    await expect(resolveAdapterFolder(run)).rejects.toMatchObject({ code: 'run/unfinished' });
  });

  test('refuses what holds no adapter', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'model.safetensors'), '');
    for (const path of [folder, join(folder, 'model.safetensors'), join(folder, 'absent')]) {
      await expect(resolveAdapterFolder(path)).rejects.toMatchObject({ code: 'run/noAdapter', place: { file: path } });
    }
  });
});

describe('run names', () => {
  const time = new Date(2026, 0, 31, 9, 5, 7).getTime();

  test('come from the configuration, else from checkpoint and time', () => {
    expect(runName({ base: '/m/SmolLM2-135M' }, time)).toBe('SmolLM2-135M 2026-01-31 09:05:07');
    expect(runName({ base: '/m/SmolLM2-135M', name: 'Maths' }, time)).toBe('Maths');
  });

  test('become folder names that every file system takes', () => {
    expect(runFolderPath({ base: '/m/SmolLM2', name: '../größe: a/b?' }, '/work', time)).toBe(
      join('/work', 'runs', 'größe-a-b-2026-01-31-090507'),
    );
    expect(runFolderPath({ base: '/m/x', output: '/elsewhere' }, '/work', time)).toBe('/elsewhere');
  });
});
