// Patterns of target modules, and budgets turned into k.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectionsPerNeuron, trainableParameters } from '../../engine/selection/budget.ts';
import { matchingModules, type TargetModule } from '../../engine/selection/targetModules.ts';

const NAMES = ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.o_proj', 'mlp.up_proj', 'mlp.down_proj'];

const modules: readonly TargetModule[] = Array.from({ length: 12 }, (_, layer) =>
  NAMES.map((name) => ({
    module: `model.layers.${String(layer)}.${name}`,
    rows: 8,
    columns: name.endsWith('down_proj') ? 24 : 8,
  })),
).flat();

function matched(...patterns: string[]): string[] {
  return matchingModules(modules, patterns).map(({ module }) => module);
}

describe('target modules', () => {
  it('match by whole name, by last components and by pattern', () => {
    expect(matched('model.layers.3.mlp.up_proj')).toEqual(['model.layers.3.mlp.up_proj']);
    expect(matched('q_proj')).toHaveLength(12);
    expect(matched('mlp.up_proj', 'q_proj')).toHaveLength(24);
    expect(matched('self_attn.*')).toHaveLength(36);
    expect(matched('model.layers.1.*')).toHaveLength(5);
    expect(matched('layers.1*.q_proj')).toEqual(
      [1, 10, 11].map((layer) => `model.layers.${String(layer)}.self_attn.q_proj`),
    );
    expect(matched('*')).toHaveLength(60);
    expect(matched('*_proj')).toHaveLength(60);
  });

  it('come in the order of the checkpoint, each once', () => {
    expect(matched('mlp.*', 'model.layers.0.*', 'up_proj').slice(0, 5)).toEqual(
      NAMES.map((name) => `model.layers.0.${name}`),
    );
  });

  it.each([
    'proj',
    'attn.q_proj',
    'Q_proj',
    'lm_head',
    'q_proj.weight',
    'model.layers.12.*',
    '',
    '.q_proj',
    'q_proj*q_proj',
  ])('are refused where a pattern matches nothing: %j', (pattern) => {
    expect(() => matched('q_proj', pattern)).toThrow(
      /matches none of .*model\.layers\.0-11\.self_attn\.q_proj, .*model\.layers\.0-11\.mlp\.down_proj/,
    );
  });
});

describe('a budget', () => {
  it('becomes the largest k that stays within it', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.integer({ min: 480, max: 100_000 }),
        (trainableShare, neuronShare, total) => {
          const fits = (k: number): boolean => trainableParameters(modules, k, neuronShare) <= trainableShare * total;
          fc.pre(fits(1));
          const k = connectionsPerNeuron(modules, total, { trainableShare, neuronShare });
          expect(fits(k)).toBe(true);
          expect(k === 24 || !fits(k + 1)).toBe(true);
        },
      ),
    );
  });

  it('gives the published share of LLaMA-7B at k = 1', () => {
    const block = [4096, 4096, 4096, 4096, 11008, 11008, 4096];
    const llama = Array.from({ length: 32 }, () => block.map((rows) => ({ module: 'm', rows, columns: 4096 }))).flat();
    expect(trainableParameters(llama, 1, 1)).toBe(1_359_872);
  });

  it('counts clamped modules with the columns that they have', () => {
    expect(trainableParameters(modules, 1000, 1)).toBe(12 * (4 * 8 * 8 + 8 * 24));
  });

  it('is refused where not even one connection per neuron fits', () => {
    expect(() => connectionsPerNeuron(modules, 1_000_000, { trainableShare: 0.0001, neuronShare: 1 })).toThrow(
      /480 parameters, 0\.0480 % of the model, over the budget of 0\.0100 %.*smaller share of neurons/,
    );
  });

  it('is 1 where nothing is said', () => {
    expect(connectionsPerNeuron(modules, 1000, { neuronShare: 1 })).toBe(1);
  });
});
