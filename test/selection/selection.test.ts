// Selection over real checkpoints: strategies, neurons, originals, statistics, errors.
import { cp, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoint, type Checkpoint } from '../../engine/checkpoint/checkpoint.ts';
import { selectConnections, type SelectionOptions } from '../../engine/selection/selection.ts';

const architectures = new URL('../golden/architectures/', import.meta.url).pathname;

const defaults: SelectionOptions = { strategy: 'magnitude', neuronShare: 1, gradientBatches: 8 };

let single: Checkpoint;
let sharded: Checkpoint;

beforeAll(async () => {
  single = await openCheckpoint(join(architectures, 'llama'));
  sharded = await openCheckpoint(join(architectures, 'llama-bf16-sharded'));
});

afterAll(async () => {
  await single.close();
  await sharded.close();
});

describe('selection of a checkpoint', () => {
  it('takes the k largest of every neuron of every linear layer', async () => {
    for (const checkpoint of [single, sharded]) {
      const { modules, statistics } = await selectConnections(checkpoint, { ...defaults, k: 3 }, 42);
      expect(modules).toHaveLength(7 * checkpoint.config.layerCount);
      expect(statistics.trainableParameters).toBe(modules.reduce((total, { indices }) => total + indices.length, 0));
      for (const { module, rows, columns, k, indices } of modules) {
        const weights = (await checkpoint.readFloat32(`${module}.weight`)).map(Math.abs);
        expect(indices).toHaveLength(rows * k);
        for (let row = 0; row < rows; row += 1) {
          const chosen = [...indices.subarray(row * k, (row + 1) * k)];
          const magnitudes = weights.subarray(row * columns, (row + 1) * columns);
          const smallest = Math.min(...chosen.map((column) => magnitudes[column] ?? NaN));
          expect([...magnitudes].filter((magnitude) => magnitude > smallest).length).toBeLessThan(k);
          expect(chosen).toEqual([...new Set(chosen)].sort((a, b) => a - b));
        }
      }
    }
  });

  it('keeps the bytes of the selected weights', async () => {
    const { modules } = await selectConnections(sharded, { ...defaults, k: 2, neuronShare: 0.5 }, 42);
    for (const { module, columns, k, neurons, indices, originals, dtype } of modules) {
      expect(dtype).toBe('BF16');
      const { file } = sharded.tensor(`${module}.weight`);
      const weights = new Uint16Array((await file.read(`${module}.weight`)).buffer);
      const expected = Uint16Array.from(
        indices,
        (column, i) => weights[(neurons?.[Math.floor(i / k)] ?? 0) * columns + column] ?? 0,
      );
      expect(new Uint16Array(originals.buffer)).toEqual(expected);
    }
  });

  it('clamps k to the columns of a module', async () => {
    const { modules, statistics } = await selectConnections(
      single,
      { ...defaults, k: 100_000, targetModules: ['q_proj'] },
      1,
    );
    expect(statistics.k).toBe(100_000);
    for (const { indices, columns, k } of modules) {
      expect(k).toBe(columns);
      expect(indices.every((column, i) => column === i % columns)).toBe(true);
    }
  });

  it('takes a seeded share of the neurons that does not depend on the other modules', async () => {
    const options = { ...defaults, neuronShare: 0.25 };
    const all = await selectConnections(single, options, 7);
    const some = await selectConnections(single, { ...options, targetModules: ['v_proj'] }, 7);
    const other = await selectConnections(single, options, 8);
    for (const { module, rows, neurons, indices, k } of some.modules) {
      expect(neurons).toHaveLength(Math.round(rows / 4));
      expect([...(neurons ?? [])]).toEqual([...new Set(neurons)].sort((a, b) => a - b));
      expect(indices).toHaveLength((neurons?.length ?? 0) * k);
      expect(all.modules.find((candidate) => candidate.module === module)?.neurons).toEqual(neurons);
    }
    expect(other.modules.map(({ neurons }) => neurons)).not.toEqual(all.modules.map(({ neurons }) => neurons));
  });

  it('selects at random by the seed and the module alone', async () => {
    const options: SelectionOptions = { ...defaults, strategy: 'random', k: 4 };
    const all = await selectConnections(single, options, 7);
    const again = await selectConnections(single, { ...options, targetModules: ['down_proj'] }, 7);
    const hits = new Set<number>();
    for (const { module, indices, columns, k } of again.modules) {
      expect(all.modules.find((candidate) => candidate.module === module)?.indices).toEqual(indices);
      for (let i = 0; i < indices.length; i += 1) {
        if (i % k > 0) expect(indices[i]).toBeGreaterThan(indices[i - 1] ?? Infinity);
        expect(indices[i]).toBeLessThan(columns);
        hits.add(indices[i] ?? 0);
      }
    }
    expect(hits.size).toBeGreaterThan(0.9 * (again.modules[0]?.columns ?? Infinity));
    expect((await selectConnections(single, options, 8)).modules[0]?.indices).not.toEqual(all.modules[0]?.indices);
  });

  it('selects the smallest weights in reverse', async () => {
    const { modules } = await selectConnections(single, { ...defaults, strategy: 'reverse', k: 1 }, 1);
    const { module, indices, columns } = modules[0] ?? expect.fail();
    const weights = (await single.readFloat32(`${module}.weight`)).map(Math.abs);
    indices.forEach((column, row) => {
      expect(weights[row * columns + column]).toBe(Math.min(...weights.subarray(row * columns, (row + 1) * columns)));
    });
  });

  it('selects by gradient where scores are given, with the weights as originals', async () => {
    const options: SelectionOptions = { ...defaults, strategy: 'gradient', k: 1, targetModules: ['k_proj'] };
    const wanted = (row: number, columns: number): number => (row * 5 + 3) % columns;
    const { modules } = await selectConnections(single, options, 1, {
      gradientScores: (module) => {
        const [rows, columns] = single.tensor(`${module}.weight`).entry.shape as [number, number];
        const scores = Float32Array.from({ length: rows * columns }, (_, i) =>
          i % columns === wanted(Math.floor(i / columns), columns) ? 2 : 1,
        );
        return Promise.resolve(scores);
      },
    });
    for (const { module, columns, indices, originals } of modules) {
      expect([...indices]).toEqual([...indices].map((_, row) => wanted(row, columns)));
      const weights = await single.readFloat32(`${module}.weight`);
      expect([...new Float32Array(originals.buffer)]).toEqual(
        [...indices].map((column, row) => weights[row * columns + column]),
      );
    }
    await expect(selectConnections(single, options, 1)).rejects.toMatchObject({ code: 'selection/noGradient' });
  });

  it('counts how far the selection is concentrated', async () => {
    const { statistics } = await selectConnections(
      single,
      { ...defaults, k: 2, targetModules: ['model.layers.0.mlp.up_proj'] },
      1,
    );
    const [module] = statistics.modules;
    const weights = (await single.readFloat32('model.layers.0.mlp.up_proj.weight')).map(Math.abs);
    const { modules } = await selectConnections(
      single,
      { ...defaults, k: 2, targetModules: ['model.layers.0.mlp.up_proj'] },
      1,
    );
    const { indices, columns } = modules[0] ?? expect.fail();
    const selected = [...indices].map((column, i) => weights[Math.floor(i / 2) * columns + column] ?? NaN);
    const sum = (numbers: Iterable<number>): number => [...numbers].reduce((a, b) => a + b, 0);
    expect(module?.meanMagnitude).toBeCloseTo(sum(weights) / weights.length, 6);
    expect(module?.meanSelectedMagnitude).toBeCloseTo(sum(selected) / selected.length, 6);
    expect(module?.magnitudeShare).toBeCloseTo(sum(selected) / sum(weights), 6);
    expect(module?.smallestSelectedMagnitude).toBe(Math.min(...selected));
    expect(module?.largestSelectedMagnitude).toBe(Math.max(...selected));
    const hits = Array.from({ length: columns }, (_, column) => indices.filter((index) => index === column).length);
    expect(module?.inputs.hit).toBe(hits.filter((count) => count > 0).length);
    expect(module?.inputs.mostHits).toBe(Math.max(...hits));
    const differences = sum(hits.flatMap((a) => hits.map((b) => Math.abs(a - b))));
    expect(module?.inputs.concentration).toBeCloseTo(differences / (2 * columns * sum(hits)), 10);
  });

  it('reports progress up to all rows, and stops when cancelled', async () => {
    const seen: number[] = [];
    let total = 0;
    await selectConnections(single, defaults, 1, { onProgress: (done, all) => void (seen.push(done), (total = all)) });
    expect(seen.at(-1)).toBe(total);
    const abort = AbortSignal.abort();
    await expect(selectConnections(single, defaults, 1, { signal: abort })).rejects.toMatchObject({
      name: 'CancelledError',
    });
  });
});

describe('damaged weights', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'neuroada-selection-'));
    await cp(join(architectures, 'llama'), folder, { recursive: true });
    const checkpoint = await openCheckpoint(folder);
    const { entry, file } = checkpoint.tensor('model.layers.1.mlp.gate_proj.weight');
    const handle = await open(file.path, 'r+');
    await handle.write(Uint8Array.of(0, 0, 0xc0, 0x7f), 0, 4, entry.position + 4 * ((entry.shape[1] ?? 0) * 3 + 1));
    await handle.close();
    await checkpoint.close();
  });

  afterAll(() => rm(folder, { recursive: true }));

  it.each(['magnitude', 'reverse', 'random'] as const)(
    'are refused, the tensor and row named (%s)',
    async (strategy) => {
      const checkpoint = await openCheckpoint(folder);
      await expect(selectConnections(checkpoint, { ...defaults, strategy }, 1)).rejects.toMatchObject({
        code: 'selection/notFinite',
        problem: expect.stringContaining('row 3 ') as string,
        place: { tensor: 'model.layers.1.mlp.gate_proj.weight' },
      });
      await checkpoint.close();
    },
  );
});
