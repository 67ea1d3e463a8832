/** Activates the bundled extension as an extension host does: what it registers, loads and costs, and 1,000 runs. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { makeRuns } from './manyRuns.ts';
import type { Activation } from './programs/activation.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const RUNS = 1_000;
const program = join(import.meta.dirname, 'programs', 'activation.ts');
let workspace: string;
let bundle: string;
let activations: Activation[];

beforeAll(async () => {
  workspace = await makeRuns(RUNS, 200);
  bundle = join(workspace, 'extension.cjs');
  await build({
    entryPoints: ['extension/main.ts'],
    outfile: bundle,
    ...{ bundle: true, minify: true, platform: 'node', format: 'cjs', external: ['vscode'], logLevel: 'error' },
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
  });
  activations = [];
  for (let time = 0; time < 5; time++) activations.push(await activate());
});

afterAll(() => rm(workspace, { recursive: true, force: true }));

/** Processor time, the best of several: what other processes of the machine take does not count. */
function least(cost: (activation: Activation) => number): number {
  return Math.min(...activations.map(cost));
}

async function activate(): Promise<Activation> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, bundle, workspace], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout) as Activation;
}

test('activation loads nothing but the bundle, registers every command, and costs little', () => {
  const { loaded, commands } = activations[0]!;
  expect(loaded).toEqual([bundle]);
  const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    contributes: { commands: { command: string }[] };
  };
  expect(contributes.commands.map(({ command }) => command).filter((id) => !commands.includes(id))).toEqual([]);
  expect(least(({ activationMs }) => activationMs)).toBeLessThan(50);
});

test('a thousand runs list at once, the newest first: what fills the view, then all', () => {
  const { firstRows, rows } = activations[0]!;
  expect(firstRows).toBeGreaterThanOrEqual(50);
  expect(firstRows).toBeLessThan(100);
  expect(rows).toHaveLength(RUNS);
  expect(rows[0]).toMatchObject({ label: `run ${RUNS}`, contextValue: 'run.finished.configured' });
  expect(rows.at(-1)).toMatchObject({ label: 'run 1' });
  expect(least(({ rowsMs }) => rowsMs)).toBeLessThan(300);
});
