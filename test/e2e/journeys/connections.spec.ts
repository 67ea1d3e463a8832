/** Connections of runs: from the tree to a single one and back, and two runs compared. */
import { join } from 'node:path';
import { plainConnections, plainTensors, type PlainConnection } from '../../inspection/plainReading.ts';
import { writeRun } from '../../inspection/runOnDisk.ts';
import { expect, test as base } from '../journey.ts';
import * as connections from '../workbench/connectionsView.ts';
import { openRunsView, runAction, runRow } from '../workbench/runsView.ts';
import { inEachTheme } from '../workbench/themes.ts';
import { expectAccessible, webview } from '../workbench/webview.ts';
import { editorTab } from '../workbench/workbench.ts';

const MODULE = 'model.layers.1.mlp.up_proj';
const MODULES = 14;
/** So many places from the corner on are looked at one by one. */
const ORDERED = 6;
const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47];

/** Two finished runs of two layers lie in the sample before the editor opens. */
const test = base.extend({
  sample: async ({ sample }, use) => {
    const runs = join(sample, 'runs');
    await writeRun(join(runs, 'small'), 'llama', { runName: 'small', steps: [10, 20], k: 2, isFinished: true });
    const large = { runName: 'large', steps: [30], k: 3, seed: 7, strategy: 'random', isFinished: true } as const;
    await writeRun(join(runs, 'large'), 'llama', large);
    await use(sample);
  },
});

function connectionsOf(sample: string, run: string): readonly PlainConnection[] {
  return plainConnections(plainTensors(join(sample, 'runs', run, 'adapter/adapter_model.safetensors')), MODULE);
}

/** Keys by their values, equal ones by themselves. */
function byDescendingValue(values: ReadonlyMap<number, number>): number[] {
  return [...values].sort(([a, x], [b, y]) => y - x || a - b).map(([key]) => key);
}

test('from the tree to one connection and to what it is linked with, by keyboard', async ({
  workbench: page,
  sample,
}) => {
  await openRunsView(page);
  await runAction(page, runRow(page, 'small'), 'Inspect Connections');
  await expect(editorTab(page, 'Connections of small')).toBeVisible();
  const view = webview(page);
  const cells = connections.moduleCells(page);
  await expect(cells).toHaveCount(MODULES);
  await expect(cells.last()).toHaveText(/\d/);
  await inEachTheme(page, 'connections-overview', () => expectAccessible(page));

  await cells.first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await expect(view.getByRole('tab', { name: 'Matrix' })).toHaveAttribute('aria-selected', 'true');
  await expect(view.getByRole('combobox', { name: 'Module' })).toHaveValue(MODULE);

  const own = connectionsOf(sample, 'small');
  const [connection] = own.filter(({ row }) => row === 40);
  const { row, column, weight, delta } = connection!;
  await connections.goToConnection(page, connection!);
  await connections.picture(page).focus();
  for (let press = 0; press < 5; press++) await page.keyboard.press('+');
  const readout = connections.readout(page);
  await expect(readout).toContainText(`Neuron ${row} · Input ${column} · selected`);
  const [, , readWeight, readDelta, readSum] = connections.numbersIn((await readout.textContent())!);
  expect(readWeight).toBeCloseTo(weight, 6);
  expect(readDelta).toBeCloseTo(delta, 4);
  expect(readSum).toBeCloseTo(weight + delta, 4);
  await inEachTheme(page, 'connections-matrix', () => expectAccessible(page));

  // From the input to another neuron that chose it, from that to the input that it feeds, and all the way back.
  const inspector = connections.inspector(page);
  const choosers = own.filter((other) => other.column === column).map((other) => other.row);
  for (const chooser of choosers)
    await expect(inspector.getByRole('button', { name: `Show neuron ${chooser} of ${MODULE}` })).toBeVisible();
  const other = choosers.findLast((chooser) => chooser !== row) ?? row;
  await inspector.getByRole('button', { name: `Show neuron ${other} of ${MODULE}` }).press('Enter');
  await expect(connections.heading(view, `Neuron ${other}`)).toBeVisible();
  await inspector.getByRole('button', { name: /down_proj · input/ }).press('Enter');
  await expect(view.getByRole('combobox', { name: 'Module' })).toHaveValue('model.layers.1.mlp.down_proj');
  await expect(connections.heading(view, `Input ${other}`)).toBeVisible();
  await inEachTheme(page, 'connections-inspector', () => expectAccessible(page));
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(connections.heading(view, `Neuron ${other}`)).toBeVisible();
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(connections.heading(view, `Neuron ${row}`)).toBeVisible();
  await expect(editorTab(page, 'Connections of small')).toHaveClass(/\bactive\b/);
});

test('neurons by how much they changed, inputs by how often they were chosen', async ({ workbench: page, sample }) => {
  await openRunsView(page);
  await runAction(page, runRow(page, 'small'), 'Inspect Connections');
  const view = webview(page);
  await view.locator(`[data-module="${MODULE}"]`).click();
  await view.getByRole('combobox', { name: 'Neurons by' }).selectOption({ label: 'Norm of Δ' });
  await view.getByRole('combobox', { name: 'Inputs by' }).selectOption({ label: 'Hits' });
  const own = connectionsOf(sample, 'small');
  const squares = new Map<number, number>();
  const hits = new Map<number, number>();
  for (const { row, column, delta } of own) {
    squares.set(row, (squares.get(row) ?? 0) + delta * delta);
    hits.set(column, (hits.get(column) ?? 0) + 1);
  }
  const places = await connections.placesFromCorner(page, ORDERED);
  expect(places.map(({ row }) => row)).toEqual(byDescendingValue(squares).slice(0, ORDERED));
  expect(places.map(({ column }) => column)).toEqual(byDescendingValue(hits).slice(0, ORDERED));
  await inEachTheme(page, 'connections-ordered', () => expectAccessible(page));
});

test('compare two runs, look at either, and take the figures along', async ({ workbench: page, sample }) => {
  await openRunsView(page);
  await runRow(page, 'small').click();
  await runRow(page, 'large').click({ modifiers: ['ControlOrMeta'] });
  await runAction(page, runRow(page, 'large'), 'Compare Connections');
  const view = webview(page);
  await expect(view.getByRole('tab', { name: 'Comparison' })).toHaveAttribute('aria-selected', 'true');
  const [first, second] = [connectionsOf(sample, 'small'), connectionsOf(sample, 'large')];
  const places = new Set(first.map(({ row, column }) => `${row}/${column}`));
  const shared = second.filter(({ row, column }) => places.has(`${row}/${column}`)).length;
  const united = first.length + second.length - shared;
  await expect(view.locator('.explanation')).toContainText(/connections are shared .* median correlation of deltas/);
  await inEachTheme(page, 'connections-comparison', () => expectAccessible(page));

  const table = await connections.exportTo(page, 'Export CSV…', join(sample, 'comparison.csv'));
  const [names, ...lines] = table
    .toString('utf8')
    .trim()
    .split('\r\n')
    .map((line) => line.split(','));
  const line = lines.find(([module]) => module === MODULE)!;
  const figure = (name: string): number => Number(line[names!.indexOf(name)]);
  expect([figure('shared'), figure('united')]).toEqual([shared, united]);
  expect(figure('jaccard')).toBeCloseTo(shared / united, 6);
  expect(lines).toHaveLength(MODULES);

  await view.locator(`[data-module="${MODULE}"]`).click();
  const layers = view.getByRole('group', { name: 'Layer' });
  await expect(layers.getByRole('button', { name: 'Difference' })).toHaveAttribute('aria-pressed', 'true');
  await layers.getByRole('button', { name: 'Δ' }).click();
  await view
    .getByRole('group', { name: 'Source' })
    .getByRole('button', { name: /^large/ })
    .click();
  await connections.goToConnection(page, second[0]!);
  const listed = connections.inspector(page).getByRole('button', { name: /^Show input/ });
  await expect(listed).toHaveCount(3);
  await inEachTheme(page, 'connections-second-source', () => expectAccessible(page));
  const image = await connections.exportTo(page, 'Export PNG…', join(sample, 'matrix.png'));
  expect([...image.subarray(0, 4)]).toEqual(PNG_SIGNATURE);
});
