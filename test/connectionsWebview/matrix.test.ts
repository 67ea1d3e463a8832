/** Tests the picture of a matrix in a browser: single cells read, orders, fingers and keys, files, and a reload. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test, vi } from 'vitest';
import { ARCHITECTURES } from '../adapter/sampleAdapter.ts';
import { plainMatrix } from '../inspection/plainReading.ts';
import { answers } from '../vscode/fakeVscode.ts';
import {
  CANVAS,
  ConnectionsFixture,
  MODULE,
  readout,
  shownNumber,
  sourceOf,
  SUITE,
  WAIT,
} from './connectionsFixture.ts';

describe('the picture of a matrix', SUITE, () => {
  const fixture = new ConnectionsFixture();

  /** Rows and columns of the matrix. */
  const matrixSize = (): readonly [number, number] => {
    const matrix = plainMatrix(join(ARCHITECTURES, 'llama'), `${MODULE}.weight`);
    return [matrix.length, matrix[0]!.length];
  };

  /** The part of the picture that is the matrix, without margins and axes. */
  async function matrixBox(page: Page): Promise<{ left: number; top: number; width: number; height: number }> {
    const box = (await page.locator(CANVAS).boundingBox())!;
    return { left: box.x + 60, top: box.y + 60, width: box.width - 124, height: box.height - 84 };
  }

  /** Pixels of a cell where the whole matrix is seen. */
  async function wholeZoom(page: Page): Promise<number> {
    const { width, height } = await matrixBox(page);
    const [rows, columns] = matrixSize();
    return Math.min(112, width / columns, height / rows);
  }

  /** Where the middle of a cell is on the page, by what the view kept of itself. */
  async function placeOfCell(page: Page, row: number, column: number): Promise<{ x: number; y: number }> {
    const { left, top, width, height } = await matrixBox(page);
    const { centre, zoom } = fixture.state;
    const [rows, columns] = matrixSize();
    const middle = centre ?? { row: rows / 2, column: columns / 2 };
    const scale = zoom === 0 ? await wholeZoom(page) : zoom;
    return {
      x: left + width / 2 + (column + 0.5 - middle.column) * scale,
      y: top + height / 2 + (row + 0.5 - middle.row) * scale,
    };
  }

  test('zooms to a single cell and reads its value', async () => {
    const page = await fixture.openMatrix();
    const { row, column, weight, delta } = fixture.connections[5]!;
    await page.getByRole('spinbutton', { name: 'Neuron' }).fill(String(row));
    await page.getByRole('spinbutton', { name: 'Input' }).fill(String(column));
    await page.getByRole('button', { name: 'Go' }).click();
    await vi.waitFor(() => expect(fixture.state.selected).toEqual({ row, column }), WAIT);
    const pointAtCell = async (): Promise<void> => {
      const { x, y } = await placeOfCell(page, row, column);
      await page.mouse.move(x, y);
    };
    await vi.waitFor(async () => {
      await pointAtCell();
      expect(await readout(page)).toContain(`Neuron ${row} · Input ${column} ·`);
    }, WAIT);
    await page.mouse.wheel(0, -900);
    await vi.waitFor(() => expect(fixture.state.zoom).toBeGreaterThan(80), WAIT);
    await pointAtCell();
    const wanted = `Neuron ${row} · Input ${column} · selected`;
    await vi.waitFor(async () => expect(await readout(page)).toContain(wanted), WAIT);
    const text = await readout(page);
    expect(shownNumber(/ W (−?[\d.e-]+)/.exec(text)![1]!)).toBeCloseTo(weight, 6);
    expect(shownNumber(/Δ ([+−]?[\d.e-]+)/.exec(text)![1]!)).toBeCloseTo(delta, 4);
  });

  test('orders neurons and inputs by the margins', async () => {
    const page = await fixture.openMatrix();
    await page.getByRole('combobox', { name: 'Neurons by' }).selectOption('deltaNorm');
    await page.getByRole('combobox', { name: 'Inputs by' }).selectOption('hits');
    const squares = new Map<number, number>();
    const hits = new Map<number, number>();
    for (const { row, column, delta } of fixture.connections) {
      squares.set(row, (squares.get(row) ?? 0) + delta * delta);
      hits.set(column, (hits.get(column) ?? 0) + 1);
    }
    const first = (counts: Map<number, number>): number =>
      [...counts].reduce((best, next) =>
        next[1] > best[1] || (next[1] === best[1] && next[0] < best[0]) ? next : best,
      )[0];
    const canvas = page.locator(CANVAS);
    await canvas.focus();
    await page.keyboard.press('Control+Home');
    await vi.waitFor(
      async () => expect(await readout(page)).toContain(`Neuron ${first(squares)} · Input ${first(hits)} `),
      WAIT,
    );
  });

  test('is used by the keyboard alone, from the overview to a connection', async () => {
    const page = await fixture.open([sourceOf(fixture.run)]);
    await page.locator('.cell[tabindex="0"]').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    expect(fixture.state.module).toBe('model.layers.1.mlp.down_proj');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await vi.waitFor(() => expect(fixture.state).toMatchObject({ page: 'matrix', module: MODULE }), WAIT);
    const canvas = page.locator(CANVAS);
    await canvas.focus();
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await vi.waitFor(() => expect(fixture.state.selected).toEqual({ row: 1, column: 1 }), WAIT);
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    await vi.waitFor(() => expect(fixture.state.zoom).toBeGreaterThan(0), WAIT);
    await page.keyboard.press('0');
    await vi.waitFor(() => expect(fixture.state.zoom).toBe(0), WAIT);
    expect(await canvas.evaluate((element) => getComputedStyle(element).outlineStyle)).not.toBe('none');
  });

  test('exports what it shows as CSV and PNG', async () => {
    const page = await fixture.openMatrix();
    answers.savePath = join(fixture.folder, 'connections.csv');
    await page.getByRole('button', { name: 'Export CSV…' }).click();
    const lines = await vi.waitFor(async () => {
      const text = await readFile(answers.savePath!, 'utf8');
      return text.trim().split('\r\n');
    }, WAIT);
    expect(lines[0]).toBe('neuron,input,weight,delta,sum');
    const exported = lines.slice(1).map((line) => line.split(',').map(Number));
    const expected = fixture.connections.map(({ row, column, weight, delta }) => [row, column, weight, delta] as const);
    expect(exported.length).toBe(expected.length);
    for (const [row, column, weight, delta] of expected) {
      const line = exported.find((each) => each[0] === row && each[1] === column)!;
      expect(Math.fround(line[2]!)).toBe(Math.fround(weight));
      expect(Math.fround(line[3]!)).toBe(Math.fround(delta));
    }
    answers.savePath = join(fixture.folder, 'matrix.png');
    await page.getByRole('button', { name: 'Export PNG…' }).click();
    const png = await vi.waitFor(() => readFile(answers.savePath!), WAIT);
    expect([...png.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
    expect(png.readUInt32BE(16)).toBeGreaterThan(1000);
  });

  test('stands again as it was after a reload', async () => {
    const page = await fixture.openMatrix();
    await page.getByRole('spinbutton', { name: 'Neuron' }).fill('4');
    await page.getByRole('button', { name: 'Go' }).click();
    await page.getByRole('group', { name: 'Layer' }).getByRole('button', { name: 'W' }).click();
    await vi.waitFor(() => expect(fixture.state).toMatchObject({ layer: 'weight', selected: { row: 4 } }), WAIT);
    await vi.waitFor(() => expect(fixture.state.zoom).toBeGreaterThan(0), WAIT);
    const before = fixture.state;
    await fixture.view.close();
    fixture.host.dispose();
    const again = await fixture.open([sourceOf(fixture.run)], { state: before });
    await again.getByRole('region', { name: 'Neuron 4', exact: true }).waitFor();
    await vi.waitFor(() => expect(fixture.state).toEqual(before), WAIT);
  });

  test('zooms about two fingers, and about the pointer of a touchpad', async () => {
    const page = await fixture.openMatrix();
    const box = (await page.locator(CANVAS).boundingBox())!;
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const devtools = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', distance?: number): Promise<unknown> =>
      devtools.send('Input.dispatchTouchEvent', {
        type,
        touchPoints:
          distance === undefined
            ? []
            : [-1, 1].map((side, id) => ({ id, x: middle.x + (side * distance) / 2, y: middle.y })),
      });
    await touch('touchStart', 100);
    for (const distance of [150, 200, 300]) await touch('touchMove', distance);
    await touch('touchEnd');
    await vi.waitFor(() => expect(fixture.state.zoom).toBeGreaterThan(0), WAIT);
    const { zoom, centre, selected } = fixture.state;
    const whole = await wholeZoom(page);
    expect(zoom / whole).toBeCloseTo(3, 1);
    // What lay between the fingers stays there, and a pinch is no click.
    const [rows, columns] = matrixSize();
    expect(Math.abs(centre!.row - rows / 2)).toBeLessThan(rows / 10);
    expect(Math.abs(centre!.column - columns / 2)).toBeLessThan(columns / 10);
    expect(selected).toBeNull();

    await page.mouse.move(middle.x, middle.y);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, 50);
    await page.keyboard.up('Control');
    await vi.waitFor(() => expect(fixture.state.zoom).toBeCloseTo(zoom * Math.exp(-0.5), 3), WAIT);
  });
});
