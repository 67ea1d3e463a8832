// Every way in: what a path means, what a source is made of, and the right deltas at every moment of a run.
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConnectionSource } from '../../engine/protocol/connections/connectionSource.ts';
import { ARCHITECTURES } from '../adapter/sampleAdapter.ts';
import { disposableFolder, newInspection, writtenAdapter } from './inspected.ts';
import { plainConnections, plainMatrix, plainTensors } from './plainReading.ts';
import { moduleDeltas, writeRun } from './runOnDisk.ts';

const EVERYTHING = { order: 'index', positionsPerCell: 1, firstCell: 0, cellCount: 64 } as const;

describe('a run', () => {
  it('has the deltas of every module at every moment', async () => {
    const ask = newInspection();
    const run = await writeRun(join(await disposableFolder(), 'run'), 'qwen3', {
      steps: [10, 20, 30],
      k: 2,
      isFinished: true,
    });
    const { folder } = run;
    const described = await ask('inspection/describe', { source: { kind: 'run', folder, at: 'newest' } });
    expect(described.source).toEqual({ kind: 'run', folder, at: 30 });
    expect(described.moments).toEqual([
      { at: 'selection', step: 0 },
      { at: 10, step: 10 },
      { at: 20, step: 20 },
      { at: 30, step: 30 },
      { at: 'adapter', step: 30 },
    ]);
    const selection = plainTensors(join(folder, 'selection.safetensors'));
    for (const { at, step } of described.moments) {
      const source = { kind: 'run', folder, at } as const;
      for (const { module } of described.modules) {
        const window = { module, rows: EVERYTHING, columns: EVERYTHING };
        const list = await ask('inspection/connections', { source, window, limit: 1e6 });
        const plain = plainConnections(selection, module);
        expect([...list.columns]).toEqual(plain.map(({ column }) => column));
        expect([...list.weights]).toEqual(plain.map(({ weight }) => weight));
        expect(list.deltas).toEqual(at === 'selection' ? null : moduleDeltas(run, module, step));
      }
    }
  });

  it('tells that it has not selected yet', async () => {
    const ask = newInspection();
    const folder = join(await disposableFolder(), 'run');
    await writeRun(folder, 'llama', { steps: [], k: 1, isFinished: false });
    await rm(join(folder, 'selection.safetensors'));
    const source = { kind: 'run', folder, at: 'newest' } as const;
    await expect(ask('inspection/describe', { source })).rejects.toMatchObject({ code: 'inspection/noSelection' });
  });

  it('is read anew when a file of it has changed', async () => {
    const ask = newInspection();
    const root = await disposableFolder();
    const first = await writeRun(join(root, 'run'), 'llama', { steps: [5], k: 1, isFinished: false });
    const other = await writeRun(join(root, 'other'), 'llama', { steps: [5], k: 1, seed: 7, isFinished: false });
    const source = { kind: 'run', folder: first.folder, at: 5 } as const;
    const module = 'model.layers.0.mlp.up_proj';
    const question = { source, module, row: 3, bins: 8 };
    const before = await ask('inspection/neuron', question);
    const { revision } = await ask('inspection/describe', { source });
    await rm(join(first.folder, 'checkpoints'), { recursive: true });
    await rename(join(other.folder, 'checkpoints'), join(first.folder, 'checkpoints'));
    const after = await ask('inspection/neuron', question);
    expect(before.deltas).toEqual(moduleDeltas(first, module, 5).slice(3, 4));
    expect(after.deltas).toEqual(moduleDeltas(other, module, 5).slice(3, 4));
    expect((await ask('inspection/describe', { source })).revision).not.toBe(revision);
  });
});

describe('an adapter whose base is gone', () => {
  it('still has its connections, in the smallest shape that holds them', async () => {
    const ask = newInspection();
    const root = await disposableFolder();
    const base = join(root, 'base');
    await cp(join(ARCHITECTURES, 'llama'), base, { recursive: true });
    const { folder } = await writeRun(join(root, 'run'), 'llama', { steps: [1], k: 64, isFinished: true });
    // Out of its run, so that nothing tells the shapes.
    const adapter = join(root, 'adapter');
    await rename(join(folder, 'adapter'), adapter);
    const config = {
      ...plainConfig(join(adapter, 'adapter_config.json')),
      base_model_name_or_path: join(root, 'gone'),
    };
    await writeFile(join(adapter, 'adapter_config.json'), JSON.stringify(config));
    const source = { kind: 'adapter', folder: adapter } as const;
    const described = await ask('inspection/describe', { source });
    expect(described.baseProblem).toContain(join(root, 'gone'));
    const down = described.modules.find(({ module }) => module === 'model.layers.1.mlp.down_proj');
    expect(down).toMatchObject({ rows: 32, columns: 64, k: 64, shapeFrom: 'entries', dtype: 'F32' });
    const window = { module: down!.module, rows: EVERYTHING, columns: EVERYTHING };
    await expect(ask('inspection/weights', { source, window })).rejects.toMatchObject({ code: 'inspection/noBase' });
    const neuron = await ask('inspection/neuron', { source, module: down!.module, row: 0, bins: 8 });
    expect(neuron.row).toBeNull();
    expect(neuron.ranks.length).toBe(64);
  });

  it('refuses the weights of another base', async () => {
    const ask = newInspection();
    const folder = await writtenAdapter('llama', { k: 1 });
    const config = { ...plainConfig(join(folder, 'adapter_config.json')) };
    config['base_model_name_or_path'] = join(ARCHITECTURES, 'llama-linear');
    await writeFile(join(folder, 'adapter_config.json'), JSON.stringify(config));
    const described = await ask('inspection/describe', { source: { kind: 'adapter', folder } });
    expect(described.baseProblem).toMatch(/fingerprint differs$/);
  });
});

describe('a checkpoint that was not trained', () => {
  it.each(['magnitude', 'reverse'] as const)('has what would be selected: %s', async (strategy) => {
    const ask = newInspection();
    const folder = join(ARCHITECTURES, 'llama-bf16-sharded');
    const source = { kind: 'checkpoint', folder, k: 3, strategy } as const;
    const { modules, totalParameters, hasDeltas } = await ask('inspection/describe', { source });
    expect([modules.length, hasDeltas]).toEqual([14, false]);
    expect(totalParameters).toBeGreaterThan(20_000);
    for (const { module, rows } of modules) {
      const matrix = plainMatrix(folder, `${module}.weight`);
      const window = { module, rows: EVERYTHING, columns: EVERYTHING };
      const list = await ask('inspection/connections', { source, window, limit: 1e6 });
      const sign = strategy === 'magnitude' ? -1 : 1;
      const expected = matrix.flatMap((weights) =>
        [...weights.keys()]
          .sort((a, b) => sign * (Math.abs(weights[a]!) - Math.abs(weights[b]!)) || a - b)
          .slice(0, 3)
          .sort((a, b) => a - b),
      );
      expect([...list.columns]).toEqual(expected);
      expect([...list.rows]).toEqual(expected.map((_, entry) => Math.floor(entry / 3)));
      expect([...list.weights]).toEqual(expected.map((column, entry) => matrix[Math.floor(entry / 3)]![column]));
      expect(list.total).toBe(3 * rows);
    }
  });
});

describe('identification', () => {
  it('tells what a path means', async () => {
    const ask = newInspection();
    const root = await disposableFolder();
    const { folder } = await writeRun(join(root, 'run'), 'llama', { steps: [10], k: 1, isFinished: true });
    const loose = join(root, 'loose');
    await mkdir(loose);
    for (const name of ['selection.safetensors', 'selection.json']) await cp(join(folder, name), join(loose, name));
    const adapter = await writtenAdapter('llama', { k: 1 });
    const lora = join(root, 'lora');
    await mkdir(lora);
    await cp(join(adapter, 'adapter_model.safetensors'), join(lora, 'adapter_model.safetensors'));
    await writeFile(join(lora, 'adapter_config.json'), JSON.stringify({ peft_type: 'LORA', r: 8 }));
    const state = join(folder, 'checkpoints', 'step-000010', 'state.safetensors');
    const model = join(ARCHITECTURES, 'llama', 'model.safetensors');
    const expected: readonly (readonly [string, ConnectionSource | null])[] = [
      [join(folder, 'adapter', 'adapter_model.safetensors'), { kind: 'run', folder, at: 'adapter' }],
      [join(folder, 'selection.safetensors'), { kind: 'run', folder, at: 'selection' }],
      [state, { kind: 'run', folder, at: 10 }],
      [join(adapter, 'adapter_model.safetensors'), { kind: 'adapter', folder: adapter }],
      [join(loose, 'selection.safetensors'), { kind: 'selection', folder: loose }],
      [join(lora, 'adapter_model.safetensors'), null],
      [model, null],
    ];
    for (const [path, source] of expected) {
      const answer = source === null ? { kind: 'tensors', file: path } : { kind: 'connections', source };
      expect(await ask('inspection/identify', { path })).toEqual(answer);
      if (source !== null) {
        const { modules } = await ask('inspection/describe', { source });
        expect(modules.map(({ module }) => module).slice(0, 8)).toEqual([
          ...['q', 'k', 'v', 'o'].map((kind) => `model.layers.0.self_attn.${kind}_proj`),
          ...['gate', 'up', 'down'].map((kind) => `model.layers.0.mlp.${kind}_proj`),
          'model.layers.1.self_attn.q_proj',
        ]);
      }
    }
  });
});

function plainConfig(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
}
