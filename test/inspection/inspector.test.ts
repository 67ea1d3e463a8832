// Neurons, inputs, margins, links and comparisons against plain recomputations.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ARCHITECTURES } from '../adapter/sampleAdapter.ts';
import { disposableFolder, newInspection, writtenAdapter } from './inspected.ts';
import { plainConnections, plainMatrix, plainTensors, type PlainConnection } from './plainReading.ts';
import { writeRun } from './runOnDisk.ts';

const UP = 'model.layers.0.mlp.up_proj';
const GATE = 'model.layers.0.mlp.gate_proj';

describe('a neuron', () => {
  it.each(['magnitude', 'random'] as const)('has its connections, ranks and distribution: %s', async (strategy) => {
    const ask = newInspection();
    const folder = await writtenAdapter('llama-bf16-sharded', { k: 4, strategy });
    const source = { kind: 'adapter', folder } as const;
    const connections = plainConnections(plainTensors(join(folder, 'adapter_model.safetensors')), UP);
    const matrix = plainMatrix(join(ARCHITECTURES, 'llama-bf16-sharded'), `${UP}.weight`);
    for (const row of [0, 7, 63]) {
      const neuron = await ask('inspection/neuron', { source, module: UP, row, bins: 10 });
      const own = connections.filter((connection) => connection.row === row);
      expect([...neuron.columns]).toEqual(own.map(({ column }) => column));
      expect([...neuron.weights]).toEqual(own.map(({ column }) => matrix[row]![column]));
      expect([...neuron.sums!]).toEqual(own.map(({ weight, delta }) => Math.fround(weight + delta)));
      const stronger = ({ column, weight }: PlainConnection): number =>
        matrix[row]!.filter((w, other) => {
          return Math.abs(w) > Math.abs(weight) || (Math.abs(w) === Math.abs(weight) && other < column);
        }).length;
      expect([...neuron.ranks]).toEqual(own.map((connection) => stronger(connection) + 1));
      if (strategy === 'magnitude') expect([...neuron.ranks].sort()).toEqual([1, 2, 3, 4]);
      const { edges, counts, selectedCounts, meanMagnitude } = neuron.row!;
      expect([edges[0], edges[10]]).toEqual([Math.min(...matrix[row]!), Math.max(...matrix[row]!)]);
      const inBin = (values: readonly number[], bin: number): number =>
        values.filter((value) => value >= edges[bin]! && (value < edges[bin + 1]! || bin === 9)).length;
      expect([...counts]).toEqual(Array.from(counts, (_, bin) => inBin(matrix[row]!, bin)));
      expect([...selectedCounts]).toEqual(
        Array.from(counts, (_, bin) =>
          inBin(
            own.map(({ weight }) => weight),
            bin,
          ),
        ),
      );
      expect(meanMagnitude).toBeCloseTo(matrix[row]!.reduce((sum, weight) => sum + Math.abs(weight), 0) / 32, 12);
    }
  });

  it('has nothing where it takes no part', async () => {
    const ask = newInspection();
    const folder = await writtenAdapter('llama', { k: 2, neuronShare: 0.5 });
    const source = { kind: 'adapter', folder } as const;
    const connections = plainConnections(plainTensors(join(folder, 'adapter_model.safetensors')), UP);
    const row = Array.from({ length: 64 }, (_, index) => index).find((index) =>
      connections.every((c) => c.row !== index),
    )!;
    const neuron = await ask('inspection/neuron', { source, module: UP, row, bins: 4 });
    expect([neuron.columns.length, neuron.row!.counts.reduce((a, b) => a + b, 0)]).toEqual([0, 32]);
  });
});

describe('an input', () => {
  it('lists who chose it, across the modules that share it', async () => {
    const ask = newInspection();
    const folder = await writtenAdapter('llama', { k: 3, neuronShare: 0.8 });
    const source = { kind: 'adapter', folder } as const;
    const tensors = plainTensors(join(folder, 'adapter_model.safetensors'));
    for (const column of [0, 13, 31]) {
      const { chosenBy } = await ask('inspection/input', { source, module: UP, column });
      expect(chosenBy.map(({ module }) => module)).toEqual([UP, GATE]);
      for (const { module, rows, weights, deltas } of chosenBy) {
        const plain = plainConnections(tensors, module).filter((connection) => connection.column === column);
        expect([...rows]).toEqual(plain.map(({ row }) => row));
        expect([...weights]).toEqual(plain.map(({ weight }) => weight));
        expect([...deltas!]).toEqual(plain.map(({ delta }) => delta));
      }
    }
  });
});

describe('margins', () => {
  it('have hits and norms', async () => {
    const ask = newInspection();
    const folder = await writtenAdapter('llama', { k: 3, neuronShare: 0.6 });
    const source = { kind: 'adapter', folder } as const;
    const connections = plainConnections(plainTensors(join(folder, 'adapter_model.safetensors')), UP);
    const margins = await ask('inspection/margins', { source, module: UP, rowOrder: 'deltaNorm', columnOrder: 'hits' });
    const norm = (of: readonly PlainConnection[]): number =>
      Math.fround(Math.sqrt(of.reduce((sum, { delta }) => sum + delta * delta, 0)));
    for (const [row, value] of margins.rowDeltaNorms.entries()) {
      const own = connections.filter((connection) => connection.row === row);
      expect(value).toBe(own.length === 0 ? NaN : norm(own));
    }
    for (const [column, hits] of margins.columnHits.entries()) {
      const own = connections.filter((connection) => connection.column === column);
      expect([hits, margins.columnDeltaNorms[column]]).toEqual([own.length, norm(own)]);
    }
    const inOrder = [...margins.columnOrder!].map((column) => margins.columnHits[column]!);
    expect(inOrder).toEqual([...margins.columnHits].sort((a, b) => b - a));
    expect([...margins.rowOrder!].sort((a, b) => a - b)).toEqual([...margins.rowDeltaNorms.keys()]);
  });
});

describe('links', () => {
  it('follow a connection to what feeds it, and a neuron to what reads it', async () => {
    const ask = newInspection();
    // 4 heads of 8, 2 key and value heads, 2 layers.
    const folder = await writtenAdapter('llama-bf16-sharded', { k: 1 });
    const source = { kind: 'adapter', folder } as const;
    const fedBy = async (module: string, column: number): Promise<string[]> =>
      (await ask('inspection/input', { source, module, column })).fedBy.map((link) => `${link.module}[${link.index}]`);
    const feeds = async (module: string, row: number): Promise<string[]> =>
      (await ask('inspection/neuron', { source, module, row, bins: 1 })).feeds.map((l) => `${l.module}[${l.index}]`);
    const layer = (number: number, name: string): string => `model.layers.${number}.${name}`;
    expect(await fedBy(layer(0, 'mlp.down_proj'), 5)).toEqual([`${GATE}[5]`, `${UP}[5]`]);
    // Column 27 is dimension 3 of head 3, which reads value head 1.
    expect(await fedBy(layer(1, 'self_attn.o_proj'), 27)).toEqual([`${layer(1, 'self_attn.v_proj')}[11]`]);
    expect(await fedBy(layer(1, 'mlp.up_proj'), 9)).toEqual(
      ['1.self_attn.o_proj', '0.mlp.down_proj', '0.self_attn.o_proj'].map((name) => `model.layers.${name}[9]`),
    );
    expect(await fedBy(layer(0, 'self_attn.k_proj'), 9)).toEqual([]);
    expect(await feeds(layer(1, 'self_attn.v_proj'), 11)).toEqual(
      [19, 27].map((column) => `${layer(1, 'self_attn.o_proj')}[${column}]`),
    );
    expect(await feeds(layer(0, 'mlp.down_proj'), 4)).toEqual(
      ['q', 'k', 'v'].map((kind) => `${layer(1, `self_attn.${kind}_proj`)}[4]`),
    );
    expect(await feeds(layer(1, 'mlp.down_proj'), 4)).toEqual([]);
    expect(await feeds(GATE, 8)).toEqual([`${layer(0, 'mlp.down_proj')}[8]`]);
  });
});

describe('comparison', () => {
  it('of two runs has overlap, correlation, difference, and what moved most', async () => {
    const ask = newInspection();
    const root = await disposableFolder();
    const a = await writeRun(join(root, 'a'), 'llama', { steps: [4], k: 2, isFinished: false });
    const b = await writeRun(join(root, 'b'), 'llama', {
      steps: [9],
      k: 3,
      strategy: 'random',
      seed: 5,
      isFinished: false,
    });
    const left = { kind: 'run', folder: a.folder, at: 4 } as const;
    const right = { kind: 'run', folder: b.folder, at: 9 } as const;
    const modules = ['model.layers.0.self_attn.v_proj', 'model.layers.1.mlp.down_proj'];
    const comparison = await ask('inspection/comparison', { left, right, modules, limit: 7 });
    const everything = { order: 'index', positionsPerCell: 1, firstCell: 0, cellCount: 64 } as const;
    const moved: { module: number; row: number; column: number; change: number }[] = [];
    for (const [position, module] of modules.entries()) {
      const window = { module, rows: everything, columns: everything };
      const [x, y] = [new Map<string, number>(), new Map<string, number>()];
      for (const [source, deltas] of [[left, x] as const, [right, y] as const]) {
        const list = await ask('inspection/connections', { source, window, limit: 1e6 });
        for (const [i, row] of list.rows.entries()) deltas.set(`${row},${list.columns[i]!}`, list.deltas![i]!);
      }
      const union = [...new Set([...x.keys(), ...y.keys()])];
      const pairs = union.map((key) => [x.get(key) ?? 0, y.get(key) ?? 0] as const);
      expect(comparison.united[position]).toBe(union.length);
      expect(comparison.shared[position]).toBe(union.filter((key) => x.has(key) && y.has(key)).length);
      expect(comparison.deltaCorrelation[position]).toBeCloseTo(plainCorrelation(pairs), 8);
      expect(comparison.rmsDifference[position]).toBeCloseTo(Math.sqrt(mean(pairs.map(([p, q]) => (q - p) ** 2))), 10);
      for (const key of union) {
        const [row, column] = key.split(',').map(Number) as [number, number];
        moved.push({ module: position, row, column, change: (y.get(key) ?? 0) - (x.get(key) ?? 0) });
      }
      const tile = await ask('inspection/difference', { left, right, window });
      const cell = (key: string): number => Number(key.split(',')[0]) * tile.width + Number(key.split(',')[1]);
      expect([...tile.cells]).toEqual(union.map(cell).sort((p, q) => p - q));
      for (const key of union) {
        const difference = tile.differences[tile.cells.indexOf(cell(key))];
        expect(difference).toBe(Math.fround((y.get(key) ?? 0) - (x.get(key) ?? 0)));
      }
    }
    moved.sort((p, q) => Math.abs(q.change) - Math.abs(p.change));
    const { moved: found } = comparison;
    expect([...found.rows].map((row, i) => [found.modules[i], row, found.columns[i]])).toEqual(
      moved.slice(0, 7).map(({ module, row, column }) => [module, row, column]),
    );
    expect(found.rightDeltas[0]! - found.leftDeltas[0]!).toBeCloseTo(moved[0]!.change, 12);
  });

  it('of a run with itself is total overlap', async () => {
    const ask = newInspection();
    const folder = await writtenAdapter('llama', { k: 2 });
    const source = { kind: 'adapter', folder } as const;
    const { shared, united, deltaCorrelation, rmsDifference, moved } = await ask('inspection/comparison', {
      ...{ left: source, right: source, modules: [UP], limit: 5 },
    });
    expect([shared[0], united[0], rmsDifference[0], moved.rows.length]).toEqual([128, 128, 0, 0]);
    expect(deltaCorrelation[0]).toBeCloseTo(1, 10);
  });
});

function mean(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0) / numbers.length;
}

function plainCorrelation(pairs: readonly (readonly [number, number])[]): number {
  const meanX = mean(pairs.map(([x]) => x));
  const meanY = mean(pairs.map(([, y]) => y));
  const covariance = mean(pairs.map(([x, y]) => (x - meanX) * (y - meanY)));
  const deviation = (values: readonly number[], middle: number): number =>
    Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
  const spread =
    deviation(
      pairs.map(([x]) => x),
      meanX,
    ) *
    deviation(
      pairs.map(([, y]) => y),
      meanY,
    );
  return covariance / spread;
}
