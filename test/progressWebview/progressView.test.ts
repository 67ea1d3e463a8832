/** Tests the progress view of a finished run in a browser: curves, figures, pointers and keys, files, and a reload. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { ProgressState } from '../../engine/protocol/webview.ts';
import { answers, shownMessages } from '../vscode/fakeVscode.ts';
import { evaluationsOf, stepsOf } from './eventLines.ts';
import { ProgressFixture, STEPS, SUITE } from './progressFixture.ts';
import { shownFigures } from './shownFigures.ts';

describe('the progress view', SUITE, () => {
  const fixture = new ProgressFixture('first');

  test('draws every curve of a finished run and its figures', async () => {
    const { page } = await fixture.open([fixture.recorded('first')]);
    for (const chart of ['loss', 'learningRate', 'gradNorm', 'tokensPerSecond', 'memoryBytes'])
      await vi.waitFor(async () => expect(await fixture.colorfulPixels(chart)).toBeGreaterThan(200), 10_000);
    const log = await fixture.logOf('first');
    const last = stepsOf(log).at(-1)!;
    const best = evaluationsOf(log).reduce((one, other) => (other.loss < one.loss ? other : one));
    const figures = await shownFigures(page);
    expect(figures).toMatchObject({
      Loss: last.loss.toPrecision(4),
      'Best Evaluation': `${best.loss.toPrecision(4)} step ${best.step}`,
      Trainable: '5,760 0.58 %',
      Device: expect.stringMatching(/^CPU (layered|whole graph)$/) as string,
    });
    expect(await page.locator('.card-status').innerText()).toBe('Finished');
    expect(await page.locator('.step-text').innerText()).toContain(`Step ${STEPS} of ${STEPS}`);
  });

  test('reads the exact figures of the step under the pointer, in every chart', async () => {
    const { page } = await fixture.open([fixture.recorded('first')]);
    const log = await fixture.logOf('first');
    for (const step of [3, 17, 31]) {
      const { x, y } = await fixture.placeOf('gradNorm', step);
      await page.mouse.move(x, y);
      const logged = stepsOf(log)[step - 1]!;
      await vi.waitFor(async () => {
        expect(await fixture.readings('gradNorm')).toEqual([logged.gradNorm.toPrecision(4)]);
        expect((await fixture.readings('loss'))[0]).toBe(logged.loss.toPrecision(4));
        expect(await fixture.readings('tokensPerSecond')).toEqual([
          Math.round(logged.tokensPerSecond).toLocaleString('en'),
        ]);
      }, 10_000);
      expect(await page.locator('.chart-memoryBytes .chart-head').innerText()).toContain(`Step ${step}`);
    }
    await page.mouse.move(2, 2);
    const last = stepsOf(log).at(-1)!;
    await vi.waitFor(async () => expect((await fixture.readings('loss'))[0]).toBe(last.loss.toPrecision(4)), 5_000);
  });

  test('is operated by keyboard and says the figures in words', async () => {
    const { page } = await fixture.open([fixture.recorded('first')]);
    const plot = page.locator('.chart-loss neuroada-plot');
    await plot.focus();
    await vi.waitFor(async () => {
      await page.keyboard.press('Home');
      expect(await plot.getAttribute('aria-valuenow')).toBe('1');
    }, 10_000);
    await page.keyboard.press('ArrowRight');
    const second = stepsOf(await fixture.logOf('first'))[1]!;
    const text = `Step 2: Training Loss ${second.loss.toPrecision(4)}, Evaluation Loss`;
    await vi.waitFor(async () => expect(await plot.getAttribute('aria-valuetext')).toContain(text), 10_000);
    expect(await plot.getAttribute('aria-valuenow')).toBe('2');
    await page.keyboard.press('+');
    await vi.waitFor(() => expect(fixture.askedRange).not.toBeNull(), 10_000);
    const [from, to] = fixture.askedRange!;
    expect(to - from).toBeCloseTo((STEPS - 1) / 2, 6);
    await page.keyboard.press('Escape');
    await vi.waitFor(() => expect(fixture.askedRange).toBeNull(), 10_000);
  });

  test('zooms by dragging and with the wheel, and back by a double click', async () => {
    const { page } = await fixture.open([fixture.recorded('first')]);
    const start = await fixture.placeOf('loss', 10);
    const end = await fixture.placeOf('loss', 20);
    await page.mouse.move(start.x, start.y);
    await page.mouse.down();
    await page.mouse.move((start.x + end.x) / 2, end.y);
    await page.mouse.move(end.x, end.y);
    await page.mouse.up();
    await vi.waitFor(() => expect(fixture.askedRange).not.toBeNull(), 10_000);
    expect(fixture.askedRange![0]).toBeCloseTo(10, 0);
    expect(fixture.askedRange![1]).toBeCloseTo(20, 0);
    await page.getByRole('button', { name: 'Show All Steps' }).waitFor();
    const middle = await fixture.placeOf('loss', 15);
    await page.mouse.move(middle.x, middle.y);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -200);
    await page.keyboard.up('Control');
    await vi.waitFor(() => expect(fixture.askedRange![1] - fixture.askedRange![0]).toBeLessThan(8), 10_000);
    const before = fixture.askedRange!;
    expect(15).toBeGreaterThan(before[0]);
    expect(15).toBeLessThan(before[1]);
    await page.mouse.dblclick(middle.x, middle.y);
    await vi.waitFor(() => expect(fixture.askedRange).toBeNull(), 10_000);
  });

  test('shows the log in its table, cell by cell', async () => {
    const { page } = await fixture.open([fixture.recorded('first')]);
    await page.getByRole('button', { name: 'Table' }).click();
    const rows = page.locator('.figures-table tbody tr');
    await vi.waitFor(async () => expect(await rows.count()).toBe(STEPS), 5_000);
    const cells = await rows.evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
    const log = await fixture.logOf('first');
    const evaluated = new Map(evaluationsOf(log).map(({ step, loss }) => [step, loss]));
    const expected = stepsOf(log).map((step) => [
      String(step.step),
      step.loss.toPrecision(4),
      evaluated.get(step.step)?.toPrecision(4) ?? '',
    ]);
    expect(cells.map((row) => row.slice(0, 3)).reverse()).toEqual(expected);
  });

  test('comes back after a reload as it was', async () => {
    const first = await fixture.open([fixture.recorded('first')]);
    await first.page.locator('neuroada-checkbox', { hasText: 'Log Scale' }).click();
    await first.page.locator('.chart-loss neuroada-plot').focus();
    await first.page.keyboard.press('Home');
    await first.page.keyboard.press('+');
    await vi.waitFor(() => expect(fixture.askedRange).not.toBeNull(), 10_000);
    const state = fixture.view.savedState() as ProgressState;
    expect(state.display.isLogScale).toBe(true);
    await fixture.view.close();
    fixture.host.dispose();
    await fixture.open([fixture.recorded('first')], { state });
    await fixture.view.page.getByRole('button', { name: 'Show All Steps' }).waitFor();
    expect(
      await fixture.view.page.locator('neuroada-checkbox[aria-checked=true]', { hasText: 'Log Scale' }).count(),
    ).toBe(1);
    await vi.waitFor(() => expect(fixture.askedRange).toEqual(state.view.range), 5_000);
  });

  test('a state saved by another version does no harm', async () => {
    const state = { runIds: 7, view: { range: ['a', null], smoothing: '0.5', points: {} }, display: 'table' };
    const { page } = await fixture.open([fixture.recorded('first')], { state });
    await vi.waitFor(async () => expect(await fixture.colorfulPixels('loss')).toBeGreaterThan(200), 10_000);
    expect(await page.locator('.slider output').innerText()).toBe('0.60');
  });

  test('exports what it shows as a picture and every step as CSV', async () => {
    const { page } = await fixture.open([fixture.recorded('first')]);
    await vi.waitFor(async () => expect(await fixture.colorfulPixels('loss')).toBeGreaterThan(200), 10_000);
    answers.savePath = join(fixture.folder, 'charts.png');
    await page.getByRole('button', { name: 'Export PNG…' }).click();
    await vi.waitFor(() => expect(shownMessages.at(-1)).toContain('charts.png'), 10_000);
    const png = await readFile(answers.savePath);
    expect([...png.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    expect(png.readUInt32BE(16)).toBeGreaterThan(1_000);
    expect(png.readUInt32BE(20)).toBeGreaterThan(600);
    answers.savePath = join(fixture.folder, 'figures.csv');
    await page.getByRole('button', { name: 'Export CSV…' }).click();
    await vi.waitFor(() => expect(shownMessages.at(-1)).toContain('figures.csv'), 10_000);
    const rows = (await readFile(answers.savePath, 'utf8')).trim().split('\r\n').slice(1);
    const losses = rows.map((row) => Number(row.split(',')[2]));
    expect(losses).toEqual(stepsOf(await fixture.logOf('first')).map(({ loss }) => loss));
  });

  test('follows a change of the theme', async () => {
    const { page } = await fixture.open([fixture.recorded('first')], { theme: 'dark' });
    await vi.waitFor(async () => expect(await fixture.colorfulPixels('loss')).toBeGreaterThan(200), 10_000);
    const stroke = (): Promise<string | null> =>
      page.locator('.chart-loss .swatch line').first().getAttribute('stroke');
    const before = await stroke();
    await fixture.view.setTheme('light');
    await vi.waitFor(async () => expect(await stroke()).not.toBe(before), 5_000);
  });
});
