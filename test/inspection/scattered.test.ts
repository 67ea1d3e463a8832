// Entries that lie anywhere in a matrix: imported from PEFT, and of runs that select over whole matrices.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importJob } from '../../engine/jobs/merging/interchange.ts';
import { runSample, sampleConfiguration } from '../jobs/sampleRun.ts';
import { GOLDEN } from '../training/goldenModel.ts';
import { disposableFolder, newInspection } from './inspected.ts';
import { plainTensors } from './plainReading.ts';

const EVERYTHING = { order: 'index', positionsPerCell: 1, firstCell: 0, cellCount: 512 } as const;
const BASE = join(GOLDEN, 'architectures', 'llama');

interface Entry {
  readonly row: number;
  readonly column: number;
  readonly weight: number;
  readonly delta: number;
}

/** What the file itself says of a module. */
function entriesIn(file: string, module: string, columns: number): readonly Entry[] {
  const tensors = plainTensors(file);
  const numbers = (suffix: string): readonly number[] =>
    tensors.get(`${module}.weight.neuroada_${suffix}`)?.numbers ?? [];
  const [weights, deltas] = [numbers('originals'), numbers('deltas')];
  return numbers('positions').map((position, entry) => ({
    ...{ row: Math.floor(position / columns), column: position % columns },
    ...{ weight: weights[entry]!, delta: deltas[entry] ?? NaN },
  }));
}

describe('an adapter imported from PEFT', () => {
  it.each(['shira', 'supertuning'])('shows its entries, neurons and inputs: %s', async (name) => {
    const ask = newInspection();
    const folder = join(await disposableFolder(), 'imported');
    const request = { adapter: join(GOLDEN, 'peft', name), base: BASE, output: folder };
    await importJob(request, { onEvent: () => undefined }, new AbortController().signal);
    const source = { kind: 'adapter', folder } as const;
    const described = await ask('inspection/describe', { source });
    expect(described.strategy).toBe(name);
    for (const { module, rows, columns, selected } of described.modules) {
      const plain = entriesIn(join(folder, 'adapter_model.safetensors'), module, columns);
      expect(selected).toBe(plain.length);
      const window = { module, rows: EVERYTHING, columns: EVERYTHING };
      const list = await ask('inspection/connections', { source, window, limit: 1e6 });
      expect([...list.rows]).toEqual(plain.map(({ row }) => row));
      expect([...list.columns]).toEqual(plain.map(({ column }) => column));
      expect([...list.weights]).toEqual(plain.map(({ weight }) => weight));
      expect([...list.deltas!]).toEqual(plain.map(({ delta }) => delta));
      for (const row of [0, rows - 1]) {
        const neuron = await ask('inspection/neuron', { source, module, row, bins: 4 });
        expect([...neuron.columns]).toEqual(plain.filter((entry) => entry.row === row).map(({ column }) => column));
      }
      const chosen = plain[Math.floor(plain.length / 2)]!.column;
      const { chosenBy } = await ask('inspection/input', { source, module, column: chosen });
      const choosing = chosenBy.find((choice) => choice.module === module)!.rows;
      expect([...choosing]).toEqual(plain.filter(({ column }) => column === chosen).map(({ row }) => row));
    }
  });
});

describe('a run', () => {
  it('of Super-Tuning has its deltas at every moment', { timeout: 60_000 }, async () => {
    const ask = newInspection();
    const folder = join(await disposableFolder(), 'run');
    await runSample(folder, await sampleConfiguration({ method: 'superTuning', 'training.maxSteps': 4 }));
    const described = await ask('inspection/describe', { source: { kind: 'run', folder, at: 'newest' } });
    expect(described.moments.map(({ at }) => at)).toEqual(['selection', 4, 'adapter']);
    const { module, columns } = described.modules[3]!;
    const plain = entriesIn(join(folder, 'adapter', 'adapter_model.safetensors'), module, columns);
    for (const { at } of described.moments) {
      const window = { module, rows: EVERYTHING, columns: EVERYTHING };
      const list = await ask('inspection/connections', { source: { kind: 'run', folder, at }, window, limit: 1e6 });
      expect([...list.columns]).toEqual(plain.map(({ column }) => column));
      if (at === 'selection') expect(list.deltas).toBeNull();
      else expect([...list.deltas!]).toEqual(plain.map(({ delta }) => delta));
    }
  });

  it.each(['lora', 'full'])('of %s has no connections to show', { timeout: 60_000 }, async (method) => {
    const ask = newInspection();
    const folder = join(await disposableFolder(), 'run');
    await mkdir(join(folder, '..'), { recursive: true });
    await runSample(
      folder,
      await sampleConfiguration({ method, 'training.maxSteps': 2, 'training.learningRate': 1e-4 }),
    );
    await expect(ask('inspection/describe', { source: { kind: 'run', folder, at: 'newest' } })).rejects.toMatchObject({
      code: 'inspection/notPerNeuron',
    });
    await expect(
      ask('inspection/describe', { source: { kind: 'adapter', folder: join(folder, 'adapter') } }),
    ).rejects.toMatchObject({ code: 'inspection/notPerNeuron' });
  });
});
