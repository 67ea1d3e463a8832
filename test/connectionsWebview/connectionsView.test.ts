/** The Connections view in a browser, driven by its real host and engine over files that the product wrote. */
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ConnectionSource } from '../../engine/protocol/connectionSource.ts';
import type { ConnectionsState } from '../../engine/protocol/connectionsView.ts';
import { formatEventLine } from '../../engine/protocol/eventLine.ts';
import type { ConnectionsTarget, ShownSources } from '../../extension/connectionsView/connectionsSession.ts';
import type { JobsEngine } from '../../extension/engine/jobsEngine.ts';
import { ARCHITECTURES } from '../adapter/sampleAdapter.ts';
import { plainConnections, plainMatrix, plainTensors, type PlainConnection } from '../inspection/plainReading.ts';
import { addCheckpoint, writeRun, type RunOnDisk } from '../inspection/runOnDisk.ts';
import { answers } from '../vscode/fakeVscode.ts';
import { faultsOfAccess } from '../webview/access.ts';
import { CHROMIUM_IS_MISSING, launchChromium } from '../webview/chromium.ts';
import { THEME_KINDS } from '../webview/editorTheme.ts';
import { bundleWebviews } from '../webview/webviewBundle.ts';
import { openWebview, type WebviewOptions, type WebviewPage } from '../webview/webviewPage.ts';
import { connectionsHost, startEngine, type ConnectionsHost } from './connectionsHost.ts';

if (CHROMIUM_IS_MISSING !== undefined) console.warn(`webview tests skipped: ${CHROMIUM_IS_MISSING}`);

const MODULE = 'model.layers.0.self_attn.q_proj';
const K = 3;
const WAIT = { timeout: 30_000, interval: 50 };

describe.skipIf(CHROMIUM_IS_MISSING !== undefined)('the Connections view', { timeout: 120_000 }, () => {
  let folder: string;
  let bundle: string;
  let browser: Browser;
  let engine: JobsEngine;
  let run: RunOnDisk;
  let host: ConnectionsHost;
  let view: WebviewPage;
  let connections: readonly PlainConnection[];

  const adapterOf = (of: RunOnDisk): string => join(of.folder, 'adapter', 'adapter_model.safetensors');
  const sourceOf = (of: RunOnDisk): ConnectionSource => ({ kind: 'run', folder: of.folder, at: 'newest' });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'neuroada-connections-view-'));
    run = await writeRun(join(folder, 'first'), 'llama', { steps: [10, 20, 30], k: K, isFinished: true });
    connections = plainConnections(plainTensors(adapterOf(run)), MODULE);
    bundle = await bundleWebviews();
    browser = await launchChromium();
    engine = startEngine();
  }, 240_000);

  afterEach(async () => {
    await view.close();
    host.dispose();
    expect(view.faults).toEqual([]);
    expect(host.errors).toEqual([]);
  });

  afterAll(async () => {
    engine.dispose();
    await browser.close();
    await rm(folder, { recursive: true });
    await rm(bundle, { recursive: true });
  });

  async function open(
    target: ConnectionsTarget | ShownSources,
    options: Omit<WebviewOptions, 'bundle'> = {},
  ): Promise<Page> {
    host = await connectionsHost(engine, target);
    view = await openWebview(browser, host.webview, { bundle, width: 1600, height: 1000, ...options });
    await view.page.locator('h1').waitFor();
    return view.page;
  }

  const state = (): ConnectionsState => view.savedState() as ConnectionsState;

  async function openMatrix(options: Omit<WebviewOptions, 'bundle'> = {}): Promise<Page> {
    const page = await open([sourceOf(run)], options);
    await page.locator(`[data-module="${MODULE}"]`).click();
    await page.locator('.matrix-picture canvas').waitFor();
    await vi.waitFor(async () => expect(await coloured(page)).toBeGreaterThan(20), WAIT);
    return page;
  }

  /** Pixels of the picture that have a colour of the diverging map. */
  const coloured = (page: Page): Promise<number> =>
    page.locator('.matrix-picture canvas').evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) {
        const rgb = [...data.subarray(at, at + 3)];
        if (Math.max(...rgb) - Math.min(...rgb) > 60) count += 1;
      }
      return count;
    });

  const readout = (page: Page): Promise<string> => page.locator('.readout').innerText();
  const shownNumber = (text: string): number => Number(text.replace('−', '-').replace('+', '').replaceAll(',', ''));

  /** Where the middle of a cell is on the page, by what the view kept of itself. */
  async function placeOfCell(
    page: Page,
    cell: { readonly row: number; readonly column: number; readonly rows: number; readonly columns: number },
  ): Promise<{ x: number; y: number }> {
    const box = (await page.locator('.matrix-picture canvas').boundingBox())!;
    const [left, top, width, height] = [60, 56, box.width - 124, box.height - 80];
    const { centre, zoom } = state();
    const whole = { row: cell.rows / 2, column: cell.columns / 2 };
    const scale = zoom === 0 ? Math.min(112, width / cell.columns, height / cell.rows) : zoom;
    return {
      x: box.x + left + width / 2 + (cell.column + 0.5 - (centre ?? whole).column) * scale,
      y: box.y + top + height / 2 + (cell.row + 0.5 - (centre ?? whole).row) * scale,
    };
  }

  test('shows the measures of every module as the files have them', async () => {
    const page = await open([sourceOf(run)]);
    await page.getByRole('button', { name: 'Show as a Table' }).click();
    const tensors = plainTensors(adapterOf(run));
    const row = page.locator('tbody tr').first();
    await vi.waitFor(async () => expect(await row.innerText()).not.toContain('…'), WAIT);
    const names = await page.locator('thead th').allInnerTexts();
    expect(await page.locator('tbody tr').count()).toBe(14);
    for (const [index, title] of (await page.locator('tbody th').allInnerTexts()).entries()) {
      const [, layer, kind] = /^Layer (\d+) · (\w+)$/.exec(title)!;
      const block = /^(q|k|v|o)_/.test(kind!) ? 'self_attn' : 'mlp';
      const own = plainConnections(tensors, `model.layers.${layer}.${block}.${kind}`);
      const cells = await page.locator('tbody tr').nth(index).locator('td').allInnerTexts();
      const figure = (name: string): number => shownNumber(cells[names.indexOf(name) - 1]!);
      const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
      expect(figure('Selected connections')).toBe(own.length);
      expect(figure('Mean |W|')).toBeCloseTo(mean(own.map(({ weight }) => Math.abs(weight))), 3);
      expect(figure('Mean |Δ|')).toBeCloseTo(mean(own.map(({ delta }) => Math.abs(delta))), 3);
      expect(figure('Largest |Δ|')).toBeCloseTo(Math.max(...own.map(({ delta }) => Math.abs(delta))), 3);
      const flips = own.filter(({ weight, delta }) => weight * (weight + delta) < 0).length;
      expect(figure('Sign flips')).toBe(flips);
    }
  });

  test('zooms to a single cell and reads its value', async () => {
    const page = await openMatrix();
    const { row, column, weight, delta } = connections[5]!;
    await page.getByRole('spinbutton', { name: 'Neuron' }).fill(String(row));
    await page.getByRole('spinbutton', { name: 'Input' }).fill(String(column));
    await page.getByRole('button', { name: 'Go' }).click();
    await vi.waitFor(() => expect(state().selected).toEqual({ row, column }), WAIT);
    const size = plainMatrix(join(ARCHITECTURES, 'llama'), `${MODULE}.weight`);
    const pointAtCell = async (): Promise<void> => {
      const { x, y } = await placeOfCell(page, { row, column, rows: size.length, columns: size[0]!.length });
      await page.mouse.move(x, y);
    };
    await vi.waitFor(async () => {
      await pointAtCell();
      expect(await readout(page)).toContain(`Neuron ${row} · Input ${column} ·`);
    }, WAIT);
    await page.mouse.wheel(0, -900);
    await vi.waitFor(() => expect(state().zoom).toBeGreaterThan(80), WAIT);
    await pointAtCell();
    const wanted = `Neuron ${row} · Input ${column} · selected`;
    await vi.waitFor(async () => expect(await readout(page)).toContain(wanted), WAIT);
    const text = await readout(page);
    expect(shownNumber(/ W (−?[\d.e-]+)/.exec(text)![1]!)).toBeCloseTo(weight, 6);
    expect(shownNumber(/Δ ([+−]?[\d.e-]+)/.exec(text)![1]!)).toBeCloseTo(delta, 4);
  });

  test('inspects a neuron, jumps to an input and back to another neuron, and follows a link', async () => {
    const page = await openMatrix();
    const { row } = connections[0]!;
    await page.getByRole('spinbutton', { name: 'Neuron' }).fill(String(row));
    await page.getByRole('button', { name: 'Go' }).click();
    const neuron = page.getByRole('region', { name: `Neuron ${row}`, exact: true });
    await neuron.locator('tbody tr').first().waitFor();
    const own = connections.filter((connection) => connection.row === row).sort((a, b) => a.column - b.column);
    const inputs = await neuron.locator('tbody td:first-child').allInnerTexts();
    expect(inputs.map(Number)).toEqual(own.map(({ column }) => column));
    const weights = await neuron.locator('tbody td:nth-child(2)').allInnerTexts();
    for (const [index, text] of weights.entries()) expect(shownNumber(text)).toBeCloseTo(own[index]!.weight, 3);
    const matrix = plainMatrix(join(ARCHITECTURES, 'llama'), `${MODULE}.weight`);
    const ranks = await neuron.locator('tbody td:nth-child(6)').allInnerTexts();
    const magnitudes = matrix[row]!.map(Math.abs).sort((a, b) => b - a);
    for (const [index, text] of ranks.entries())
      expect(magnitudes[Number(text) - 1]).toBe(Math.abs(own[index]!.weight));
    await neuron.getByRole('button', { name: `Show input ${own[1]!.column}` }).click();
    const input = page.getByRole('region', { name: `Input ${own[1]!.column}`, exact: true });
    const choosers = connections.filter(({ column }) => column === own[1]!.column).map((connection) => connection.row);
    await input.locator('tbody tr').first().waitFor();
    const listed = await input.locator('details').first().locator('tbody td:first-child').allInnerTexts();
    expect(listed.map(Number).sort((a, b) => a - b)).toEqual([...choosers].sort((a, b) => a - b));
    await input.locator('details').first().locator('tbody button').last().click();
    await vi.waitFor(
      () => expect(state().selected).toEqual({ row: Number(listed.at(-1)), column: own[1]!.column }),
      WAIT,
    );
    await page.getByRole('combobox', { name: 'Module' }).selectOption('model.layers.0.mlp.gate_proj');
    await page.getByRole('spinbutton', { name: 'Neuron' }).fill('2');
    await page.getByRole('button', { name: 'Go' }).click();
    await page.getByRole('button', { name: 'Layer 0 · down_proj · input 2' }).click();
    await vi.waitFor(
      () => expect(state()).toMatchObject({ module: 'model.layers.0.mlp.down_proj', selected: { column: 2 } }),
      WAIT,
    );
  });

  test('orders neurons and inputs by the margins', async () => {
    const page = await openMatrix();
    await page.getByRole('combobox', { name: 'Neurons by' }).selectOption('deltaNorm');
    await page.getByRole('combobox', { name: 'Inputs by' }).selectOption('hits');
    const squares = new Map<number, number>();
    const hits = new Map<number, number>();
    for (const { row, column, delta } of connections) {
      squares.set(row, (squares.get(row) ?? 0) + delta * delta);
      hits.set(column, (hits.get(column) ?? 0) + 1);
    }
    const first = (counts: Map<number, number>): number =>
      [...counts].reduce((best, next) =>
        next[1] > best[1] || (next[1] === best[1] && next[0] < best[0]) ? next : best,
      )[0];
    const canvas = page.locator('.matrix-picture canvas');
    await canvas.focus();
    await page.keyboard.press('Control+Home');
    await vi.waitFor(
      async () => expect(await readout(page)).toContain(`Neuron ${first(squares)} · Input ${first(hits)} `),
      WAIT,
    );
  });

  test('is used by the keyboard alone, from the overview to a connection', async () => {
    const page = await open([sourceOf(run)]);
    await page.locator('.cell[tabindex="0"]').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    expect(state().module).toBe('model.layers.1.mlp.down_proj');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await vi.waitFor(() => expect(state()).toMatchObject({ page: 'matrix', module: MODULE }), WAIT);
    const canvas = page.locator('.matrix-picture canvas');
    await canvas.focus();
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await vi.waitFor(() => expect(state().selected).toEqual({ row: 1, column: 1 }), WAIT);
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    await vi.waitFor(() => expect(state().zoom).toBeGreaterThan(0), WAIT);
    await page.keyboard.press('0');
    await vi.waitFor(() => expect(state().zoom).toBe(0), WAIT);
    expect(await canvas.evaluate((element) => getComputedStyle(element).outlineStyle)).not.toBe('none');
  });

  test('slides over the checkpoints, plays them, and follows a run that trains on', async () => {
    const growing = await writeRun(join(folder, 'growing'), 'llama', { steps: [10, 20], k: K, isFinished: false });
    const page = await open([sourceOf(growing)]);
    const cell = page.locator(`[data-module="${MODULE}"]`);
    const at = async (): Promise<number> => shownNumber(await cell.innerText());
    await vi.waitFor(async () => expect(await at()).toBeGreaterThan(0), WAIT);
    const newest = await at();
    const slider = page.getByRole('slider', { name: 'Checkpoint' });
    await slider.focus();
    await page.keyboard.press('ArrowLeft');
    await vi.waitFor(async () => expect(await at()).toBeCloseTo(newest * Math.sqrt(1 / 2), 3), WAIT);
    expect(state().followsNewest).toBe(false);
    await page.getByRole('button', { name: 'Play the Checkpoints' }).click();
    await vi.waitFor(async () => expect(await at()).toBeCloseTo(newest, 3), WAIT);
    await page.getByRole('button', { name: 'Play the Checkpoints' }).waitFor();
    expect(state().followsNewest).toBe(true);
    await addCheckpoint(growing, 40);
    const event = { type: 'checkpoint', time: 3, step: 40, path: 'checkpoints/step-000040' } as const;
    await appendFile(join(growing.folder, 'events.jsonl'), formatEventLine(event));
    await host.store.refresh(growing.folder);
    await vi.waitFor(async () => expect(await page.locator('.moments output').innerText()).toBe('Step 40'), WAIT);
    await vi.waitFor(async () => expect(await at()).toBeCloseTo(newest * Math.sqrt(2), 3), WAIT);
  });

  test('compares two runs: overlap by layer, and the connections that moved most', async () => {
    const shape = { steps: [30], k: K, seed: 7, strategy: 'random', isFinished: true } as const;
    const other = await writeRun(join(folder, 'second'), 'llama', shape);
    const page = await open([sourceOf(run), sourceOf(other)]);
    await page.getByRole('tab', { name: 'Comparison' }).waitFor();
    const places = (list: readonly PlainConnection[]): Map<string, number> =>
      new Map(list.map(({ row, column, delta }) => [`${row}/${column}`, delta]));
    const left = places(connections);
    const right = places(plainConnections(plainTensors(adapterOf(other)), MODULE));
    const united = new Set([...left.keys(), ...right.keys()]);
    const shared = [...left.keys()].filter((place) => right.has(place)).length;
    const cell = page.locator(`[data-module="${MODULE}"]`);
    const percent = Number(((shared / united.size) * 100).toPrecision(2));
    await vi.waitFor(async () => expect(parseFloat(await cell.innerText())).toBeCloseTo(percent, 0), WAIT);
    const moved = page.getByRole('region', { name: 'Moved most', exact: true }).locator('tbody tr');
    await moved.first().waitFor();
    const cells = await moved.first().locator('td').allInnerTexts();
    const [first, second, difference] = cells.slice(3).map(shownNumber) as [number, number, number];
    expect(second - first).toBeCloseTo(difference, 3);
    await moved.first().getByRole('button').click();
    await vi.waitFor(() => expect(state()).toMatchObject({ page: 'matrix', layer: 'difference' }), WAIT);
    expect(state().selected).toEqual({ row: Number(cells[1]), column: Number(cells[2]) });
  });

  test('exports what it shows as CSV and PNG', async () => {
    const page = await openMatrix();
    answers.savePath = join(folder, 'connections.csv');
    await page.getByRole('button', { name: 'Export CSV…' }).click();
    const lines = await vi.waitFor(async () => {
      const text = await readFile(answers.savePath!, 'utf8');
      return text.trim().split('\r\n');
    }, WAIT);
    expect(lines[0]).toBe('neuron,input,weight,delta,sum');
    const exported = lines.slice(1).map((line) => line.split(',').map(Number));
    const expected = connections.map(({ row, column, weight, delta }) => [row, column, weight, delta] as const);
    expect(exported.length).toBe(expected.length);
    for (const [row, column, weight, delta] of expected) {
      const line = exported.find((each) => each[0] === row && each[1] === column)!;
      expect(Math.fround(line[2]!)).toBe(Math.fround(weight));
      expect(Math.fround(line[3]!)).toBe(Math.fround(delta));
    }
    answers.savePath = join(folder, 'matrix.png');
    await page.getByRole('button', { name: 'Export PNG…' }).click();
    const png = await vi.waitFor(() => readFile(answers.savePath!), WAIT);
    expect([...png.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
    expect(png.readUInt32BE(16)).toBeGreaterThan(1000);
  });

  test('stands again as it was after a reload', async () => {
    const page = await openMatrix();
    await page.getByRole('spinbutton', { name: 'Neuron' }).fill('4');
    await page.getByRole('button', { name: 'Go' }).click();
    await page.getByRole('group', { name: 'Layer' }).getByRole('button', { name: 'W' }).click();
    await vi.waitFor(() => expect(state()).toMatchObject({ layer: 'weight', selected: { row: 4 } }), WAIT);
    await vi.waitFor(() => expect(state().zoom).toBeGreaterThan(0), WAIT);
    const before = state();
    await view.close();
    host.dispose();
    const again = await open([sourceOf(run)], { state: before });
    await again.getByRole('region', { name: 'Neuron 4', exact: true }).waitFor();
    await vi.waitFor(() => expect(state()).toEqual(before), WAIT);
  });

  test('lists the tensors of any other file, with statistics on demand', async () => {
    const path = join(ARCHITECTURES, 'llama', 'model.safetensors');
    const page = await open({ kind: 'file', path });
    const name = `${MODULE}.weight`;
    await page.getByRole('searchbox', { name: 'Filter' }).fill('layers.0 q_proj');
    await vi.waitFor(async () => expect(await page.locator('tbody tr').count()).toBe(1), WAIT);
    await page.getByRole('button', { name: `Statistics of ${name}` }).click();
    const card = page.getByRole('complementary', { name: 'Statistics' });
    const values = plainTensors(path).get(name)!.numbers;
    await card.getByText('Largest').waitFor();
    const facts = await card.locator('dd').allInnerTexts();
    expect(shownNumber(facts[0]!)).toBe(values.length);
    expect(shownNumber(facts[1]!)).toBeCloseTo(Math.min(...values), 5);
    expect(shownNumber(facts[2]!)).toBeCloseTo(Math.max(...values), 5);
  });

  test('says in words why nothing can be shown', async () => {
    const page = await open([{ kind: 'adapter', folder: join(folder, 'nowhere') }]);
    await page.getByRole('alert').waitFor();
    expect(await page.locator('h1').innerText()).toBe('Connections Cannot Be Shown');
    expect((await page.getByRole('alert').innerText()).length).toBeGreaterThan(40);
  });

  test('hinders nobody in any theme', async () => {
    const page = await openMatrix();
    await page.getByRole('spinbutton', { name: 'Neuron' }).fill('4');
    await page.getByRole('spinbutton', { name: 'Input' }).fill('4');
    await page.getByRole('button', { name: 'Go' }).click();
    await page.locator('.inspector tbody tr').first().waitFor();
    for (const theme of THEME_KINDS) {
      await view.setTheme(theme);
      expect(await faultsOfAccess(page), `matrix, ${theme}`).toEqual([]);
    }
    await page.getByRole('tab', { name: 'Overview' }).click();
    await page.locator('.cell').first().waitFor();
    for (const theme of THEME_KINDS) {
      await view.setTheme(theme);
      expect(await faultsOfAccess(page), `overview, ${theme}`).toEqual([]);
    }
  });
});
