// Encoders as sources of connections: their modules, in the order of the forward pass, and what links them.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ARCHITECTURES } from '../adapter/sampleAdapter.ts';
import { newInspection, writtenAdapter } from './inspected.ts';

const BERT = ['query', 'key', 'value', 'attention.output', 'intermediate', 'output'];

describe.each([
  ['bert', BERT, 'bert.encoder.layer.0.attention.self.query'],
  ['bert-headless', BERT, 'encoder.layer.0.attention.self.query'],
  ['roberta', BERT, 'roberta.encoder.layer.0.attention.self.query'],
  [
    'distilbert',
    ['q_lin', 'k_lin', 'v_lin', 'out_lin', 'lin1', 'lin2'],
    'distilbert.transformer.layer.0.attention.q_lin',
  ],
  ['modernbert', ['Wqkv', 'attn.Wo', 'Wi', 'mlp.Wo'], 'model.layers.0.attn.Wqkv'],
])('%s', (name, kinds, first) => {
  it('shows its modules, of an adapter and of the checkpoint', async () => {
    const ask = newInspection();
    const adapter = { kind: 'adapter', folder: await writtenAdapter(join('..', 'encoders', name)) } as const;
    const folder = join(ARCHITECTURES, '..', 'encoders', name);
    const checkpoint = { kind: 'checkpoint', folder, k: 2, strategy: 'magnitude' } as const;
    for (const source of [adapter, checkpoint]) {
      const { modules, kinds: found, layers } = await ask('inspection/describe', { source });
      expect(found).toEqual(kinds);
      expect(modules).toHaveLength(kinds.length * layers.length);
      expect(modules[0]?.module).toBe(first);
    }
  });
});

it('links of BERT follow the residual stream, attention and the MLP', async () => {
  const ask = newInspection();
  // 4 heads of 8, 2 layers.
  const source = { kind: 'adapter', folder: await writtenAdapter(join('..', 'encoders', 'bert')) } as const;
  const at = (layer: number, part: string): string => `bert.encoder.layer.${String(layer)}.${part}`;
  const fedBy = async (module: string, column: number): Promise<string[]> =>
    (await ask('inspection/input', { source, module, column })).fedBy.map((link) => `${link.module}[${link.index}]`);
  const feeds = async (module: string, row: number): Promise<string[]> =>
    (await ask('inspection/neuron', { source, module, row, bins: 1 })).feeds.map((l) => `${l.module}[${l.index}]`);
  expect(await fedBy(at(0, 'output.dense'), 5)).toEqual([`${at(0, 'intermediate.dense')}[5]`]);
  expect(await fedBy(at(0, 'attention.output.dense'), 27)).toEqual([`${at(0, 'attention.self.value')}[27]`]);
  expect(await fedBy(at(1, 'attention.self.key'), 3)).toEqual([
    `${at(0, 'output.dense')}[3]`,
    `${at(0, 'attention.output.dense')}[3]`,
  ]);
  expect(await feeds(at(0, 'output.dense'), 4)).toEqual(
    ['query', 'key', 'value'].map((kind) => `${at(1, `attention.self.${kind}`)}[4]`),
  );
  expect(await feeds(at(1, 'attention.output.dense'), 4)).toEqual([`${at(1, 'intermediate.dense')}[4]`]);
});
