// Every measure of the overview against a plain recomputation from the files.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MEASURES, type Measure } from '../../engine/protocol/connections/inspection.ts';
import { newInspection, writtenAdapter } from './inspected.ts';
import { plainConnections, plainTensors, type PlainConnection } from './plainReading.ts';

function plainMeasures(connections: readonly PlainConnection[], columns: number): Record<Measure, number> {
  const weights = connections.map(({ weight }) => Math.abs(weight));
  const deltas = connections.map(({ delta }) => Math.abs(delta));
  const hits = Array.from({ length: columns }, (_, column) => connections.filter((c) => c.column === column).length);
  return {
    selected: connections.length,
    meanWeight: sum(weights) / weights.length,
    maxWeight: Math.max(...weights),
    meanDelta: sum(deltas) / deltas.length,
    maxDelta: Math.max(...deltas),
    relativeChange: sum(deltas) / sum(weights),
    signFlips: connections.filter(({ weight, delta }) => Math.sign(weight) * Math.sign(weight + delta) === -1).length,
    inputShare: hits.filter((count) => count > 0).length / columns,
    inputConcentration: plainGini(hits),
  };
}

/** Half the relative mean absolute difference over all pairs. */
function plainGini(numbers: readonly number[]): number {
  const differences = numbers.map((a) => sum(numbers.map((b) => Math.abs(a - b))));
  return sum(differences) / (2 * numbers.length * sum(numbers));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

const CASES = [
  ['llama', { k: 2 }],
  ['llama-bf16-sharded', { k: 5, neuronShare: 0.4 }],
  ['qwen3', { k: 1, strategy: 'reverse' }],
  ['mistral', { k: 3, targetModules: ['q_proj', 'down_proj'] }],
] as const;

describe('overview', () => {
  it.each(CASES)('has the measures of %s, %o', async (name, options) => {
    const ask = newInspection();
    // Large and small deltas of both signs: some turn the sign of their weight.
    const folder = await writtenAdapter(name, { ...options, targetModules: modulesOf(options) }, (entry) => {
      return Math.sin(entry * 12.9898) * 0.8 ** (entry % 17);
    });
    const source = { kind: 'adapter', folder } as const;
    const { modules, hasDeltas, selected } = await ask('inspection/describe', { source });
    const overview = await ask('inspection/overview', { source, modules: modules.map(({ module }) => module) });
    const tensors = plainTensors(join(folder, 'adapter_model.safetensors'));
    expect(hasDeltas).toBe(true);
    expect(modules.length).toBe([...tensors.keys()].filter((tensor) => tensor.endsWith('_indices')).length);
    expect(sum([...overview.selected])).toBe(selected);
    let flips = 0;
    for (const [position, { module, columns }] of modules.entries()) {
      const expected = plainMeasures(plainConnections(tensors, module), columns);
      flips += expected.signFlips;
      for (const measure of MEASURES) {
        expect(overview[measure][position], `${module} ${measure}`).toBeCloseTo(expected[measure], 10);
      }
    }
    expect(flips).toBeGreaterThan(0);
  });

  it('knows no deltas of a checkpoint that was not trained', async () => {
    const ask = newInspection();
    const folder = new URL('../golden/architectures/llama', import.meta.url).pathname;
    const source = { kind: 'checkpoint', folder, k: 2, strategy: 'magnitude' } as const;
    const { modules } = await ask('inspection/describe', { source });
    const overview = await ask('inspection/overview', { source, modules: modules.map(({ module }) => module) });
    expect([...overview.meanDelta].every(Number.isNaN)).toBe(true);
    expect([...overview.selected]).toEqual(modules.map(({ rows }) => 2 * rows));
  });
});

function modulesOf(options: object): string[] | undefined {
  return 'targetModules' in options ? [...(options.targetModules as readonly string[])] : undefined;
}
