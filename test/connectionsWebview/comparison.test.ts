/** Tests two sources compared in a browser: overlap, correlation, what moved most, and the matrix of either. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test, vi } from 'vitest';
import { plainConnections, plainTensors, type PlainConnection } from '../inspection/plainReading.ts';
import { writeRun } from '../inspection/runOnDisk.ts';
import {
  adapterOf,
  ConnectionsFixture,
  goTo,
  K,
  MODULE,
  shownNumber,
  sourceOf,
  SUITE,
  WAIT,
} from './connectionsFixture.ts';

describe('two sources compared', SUITE, () => {
  const fixture = new ConnectionsFixture();

  /** The figures of all modules, from the page as a table; the picture is shown again. */
  async function tableOf(page: Page): Promise<string[][]> {
    await page.getByRole('button', { name: 'Show as a Table' }).click();
    const rows = page.getByRole('region', { name: 'Both sources by module' }).locator('tbody tr');
    await rows.first().waitFor();
    const figures = await rows.evaluateAll((elements) =>
      elements.map((row) => [...row.querySelectorAll('td')].map(({ innerText }) => innerText)),
    );
    await page.getByRole('button', { name: 'Show as a Table' }).click();
    return figures;
  }

  test('compares two runs: overlap by layer, and the connections that moved most', async () => {
    const shape = { steps: [30], k: K, seed: 7, strategy: 'random', isFinished: true } as const;
    const other = await writeRun(join(fixture.folder, 'second'), 'llama', shape);
    const page = await fixture.open([sourceOf(fixture.run), sourceOf(other)]);
    await page.getByRole('tab', { name: 'Comparison' }).waitFor();
    const places = (list: readonly PlainConnection[]): Map<string, number> =>
      new Map(list.map(({ row, column, delta }) => [`${row}/${column}`, delta]));
    const left = places(fixture.connections);
    const right = places(plainConnections(plainTensors(adapterOf(other)), MODULE));
    const united = new Set([...left.keys(), ...right.keys()]);
    const shared = [...left.keys()].filter((place) => right.has(place)).length;
    const cell = page.locator(`[data-module="${MODULE}"]`);
    const percent = Number(((shared / united.size) * 100).toPrecision(2));
    await vi.waitFor(async () => expect(parseFloat(await cell.innerText())).toBeCloseTo(percent, 0), WAIT);
    const correlations = (await tableOf(page)).map((cells) => shownNumber(cells.at(-2)!)).sort((a, b) => a - b);
    const median = /median correlation of deltas by module is ([+−]?\d+(?:\.\d+)?)/.exec(
      await page.locator('.explanation').innerText(),
    )!;
    expect(shownNumber(median[1]!)).toBeCloseTo(correlations[correlations.length >> 1]!, 2);
    const moved = page.getByRole('region', { name: 'Moved most', exact: true }).locator('tbody tr');
    await moved.first().waitFor();
    const cells = await moved.first().locator('td').allInnerTexts();
    const [first, second, difference] = cells.slice(3).map(shownNumber) as [number, number, number];
    expect(second - first).toBeCloseTo(difference, 3);
    await moved.first().getByRole('button').click();
    await vi.waitFor(() => expect(fixture.state).toMatchObject({ page: 'matrix', layer: 'difference' }), WAIT);
    expect(fixture.state.selected).toEqual({ row: Number(cells[1]), column: Number(cells[2]) });
  });

  test('shows the matrix of either source at one place and in one scale, and moves both sliders', async () => {
    const shape = { steps: [10, 40], k: K, seed: 7, strategy: 'random', isFinished: true } as const;
    const other = await writeRun(join(fixture.folder, 'third'), 'llama', { ...shape, runName: 'other' });
    const page = await fixture.openMatrix([sourceOf(fixture.run), sourceOf(other)]);
    const [first] = fixture.connections;
    const others = plainConnections(plainTensors(adapterOf(other)), MODULE);
    const [second] = others.filter(({ row }) => row === first!.row);
    const sides = page.getByRole('group', { name: 'Source' });
    await goTo(page, { row: second!.row, column: second!.column });
    const legend = page.locator('.legend').first();
    const ends = await legend.innerText();
    const zoomed = await vi.waitFor(() => {
      expect(fixture.state.centre).not.toBeNull();
      return fixture.state.centre;
    }, WAIT);
    await sides.getByRole('button', { name: /^other/ }).click();
    const inputs = page
      .getByRole('region', { name: `Neuron ${second!.row}`, exact: true })
      .locator('tbody td:first-child');
    const own = others.filter(({ row }) => row === second!.row).map(({ column }) => column);
    await vi.waitFor(async () => {
      expect((await inputs.allInnerTexts()).map(Number).sort((a, b) => a - b)).toEqual(own.sort((a, b) => a - b));
    }, WAIT);
    expect(fixture.state).toMatchObject({ side: 'right', centre: zoomed });
    expect(await legend.innerText()).toBe(ends);

    const slider = page.getByRole('slider', { name: 'Checkpoint of source 2' });
    await slider.focus();
    await page.keyboard.press('Home');
    await vi.waitFor(() => expect(fixture.state.sources?.[1]).toMatchObject({ at: 'selection' }), WAIT);
    expect(fixture.state.sources?.[0]).toMatchObject({ folder: fixture.run.folder });
    await page.keyboard.press('ArrowRight');
    await vi.waitFor(() => expect(fixture.state.sources?.[1]).toMatchObject({ at: 10 }), WAIT);
    await vi.waitFor(async () => expect(await page.locator('h1').innerText()).toContain('other (step 10)'), WAIT);
    await page.getByRole('slider', { name: 'Checkpoint of source 1' }).focus();
    await page.keyboard.press('ArrowLeft');
    await vi.waitFor(
      () => expect(fixture.state.sources?.map((source) => source && 'at' in source && source.at)).toEqual([20, 10]),
      WAIT,
    );
  });
});
