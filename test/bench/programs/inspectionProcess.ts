/**
 * Opens an adapter's connections in a process of its own, so that its memory can be told: prints the milliseconds of
 * each question, asked as a view would ask them, and the peak of resident memory in bytes.
 */
import { createInspection } from '../../../engine/inspection/inspection.ts';
import { processMemory } from '../../../engine/runtime/memory.ts';
import type { ConnectionSource } from '../../../engine/protocol/connections/connectionSource.ts';
import type { MatrixWindow } from '../../../engine/protocol/connections/inspection.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('adapter folder');

const source: ConnectionSource = { kind: 'adapter', folder };
const { table } = createInspection();
const { signal } = new AbortController();
const ignoreProgress = (): void => undefined;
const timesMs: Record<string, { readonly wallMs: number; readonly cpuMs: number }> = {};

async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  timesMs[name] = { wallMs: performance.now() - start, cpuMs: (user + system) / 1000 };
  return result;
}

const { modules } = await timed('describe', () => table['inspection/describe']({ source }, signal, ignoreProgress));
await timed('overview', () =>
  table['inspection/overview']({ source, modules: modules.map(({ module }) => module) }, signal, ignoreProgress),
);
const module = 'model.layers.16.mlp.gate_proj';
/** 14336 x 4096 pooled to 896 x 1024 cells. */
const whole: MatrixWindow = {
  module,
  rows: { order: 'index', positionsPerCell: 16, firstCell: 0, cellCount: 896 },
  columns: { order: 'index', positionsPerCell: 4, firstCell: 0, cellCount: 1024 },
};
await timed('matrix', () => table['inspection/selection']({ source, window: whole }, signal, ignoreProgress));
await timed('margins', () =>
  table['inspection/margins']({ source, module, rowOrder: 'deltaNorm', columnOrder: 'hits' }, signal, ignoreProgress),
);
const strip: MatrixWindow = { ...whole, rows: { ...whole.rows, cellCount: 128 } };
await timed('weightStrip', () => table['inspection/weights']({ source, window: strip }, signal, ignoreProgress));
await timed('weightWhole', () => table['inspection/weights']({ source, window: whole }, signal, ignoreProgress));
const ordered: MatrixWindow = {
  module,
  rows: { ...whole.rows, order: 'deltaNorm' },
  columns: { ...whole.columns, order: 'hits' },
};
await timed('orderedSelection', () =>
  table['inspection/selection']({ source, window: ordered }, signal, ignoreProgress),
);
await timed('orderedWeights', () => table['inspection/weights']({ source, window: ordered }, signal, ignoreProgress));
const close: MatrixWindow = {
  module,
  rows: { order: 'index', positionsPerCell: 1, firstCell: 5000, cellCount: 128 },
  columns: { order: 'index', positionsPerCell: 1, firstCell: 1000, cellCount: 240 },
};
await timed('closeWeights', () => table['inspection/weights']({ source, window: close }, signal, ignoreProgress));
await timed('neuron', () => table['inspection/neuron']({ source, module, row: 777, bins: 64 }, signal, ignoreProgress));
await timed('input', () => table['inspection/input']({ source, module, column: 777 }, signal, ignoreProgress));
await timed('comparison', () =>
  table['inspection/comparison'](
    { left: source, right: source, modules: [module], limit: 100 },
    signal,
    ignoreProgress,
  ),
);
process.stdout.write(JSON.stringify({ timesMs, peakBytes: processMemory().peakBytes }));
