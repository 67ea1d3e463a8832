/** The progress view in a browser, driven by its real host over logs that the engine wrote. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ProgressState } from '../../engine/protocol/webview.ts';
import { answers, shownMessages } from '../vscode/fakeVscode.ts';
import { CHROMIUM_IS_MISSING, launchChromium } from '../webview/chromium.ts';
import { bundleWebviews } from '../webview/webviewBundle.ts';
import { openWebview, type WebviewOptions, type WebviewPage } from '../webview/webviewPage.ts';
import { evaluationsOf, stepsOf } from './eventLines.ts';
import { progressHost, type ProgressHost } from './progressHost.ts';
import { shownFigures } from './shownFigures.ts';
import { faultsOfAccess } from '../webview/access.ts';
import { THEME_KINDS } from '../webview/editorTheme.ts';
import { ReplayedRun, trainSample } from './trainedRun.ts';

if (CHROMIUM_IS_MISSING !== undefined) console.warn(`webview tests skipped: ${CHROMIUM_IS_MISSING}`);

const STEPS = 40;

vi.setConfig({ testTimeout: 60_000 });

describe.skipIf(CHROMIUM_IS_MISSING !== undefined)('the progress view', () => {
  let folder: string;
  let bundle: string;
  let browser: Browser;
  let host: ProgressHost;
  let view: WebviewPage;

  const recorded = (name: string): string => join(folder, name);
  const logOf = (name: string): Promise<string> => readFile(join(recorded(name), 'events.jsonl'), 'utf8');

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'neuroada-progress-view-'));
    const fields = { 'training.maxSteps': STEPS };
    await trainSample(recorded('first'), 'Support desk', fields);
    await trainSample(recorded('second'), 'Support desk, k = 4', { ...fields, 'selection.k': 4, 'training.seed': 7 });
    bundle = await bundleWebviews();
    browser = await launchChromium();
  }, 240_000);

  afterEach(async () => {
    expect(view.faults).toEqual([]);
    expect(host.errors).toEqual([]);
    await view.close();
    host.dispose();
  });

  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
    await rm(bundle, { recursive: true });
  });

  async function open(folders: readonly string[], options: Omit<WebviewOptions, 'bundle'> = {}): Promise<WebviewPage> {
    await show(folders, options);
    await view.page.locator('.card').first().waitFor();
    return view;
  }

  async function show(folders: readonly string[], options: Omit<WebviewOptions, 'bundle'>): Promise<void> {
    host = await progressHost(folders);
    view = await openWebview(browser, host.webview, { bundle, ...options });
  }

  /** The figure of a chart's head: of the step pointed at, else the newest. */
  const readings = (chart: string): Promise<string[]> =>
    view.page.locator(`.chart-${chart} .reading-value`).allInnerTexts();

  /** Middle of what a step is drawn on, in the coordinates of the page. */
  async function placeOf(chart: string, step: number): Promise<{ x: number; y: number }> {
    const place = await view.page.locator(`.chart-${chart} neuroada-plot`).evaluate((element, wanted) => {
      const area = element.querySelector('.u-over')!.getBoundingClientRect();
      const scale = (element as HTMLElement & { readonly shownSteps: readonly [number, number] }).shownSteps;
      const share = (wanted - scale[0]) / (scale[1] - scale[0]);
      return { x: area.left + share * area.width, y: area.top + area.height / 2 };
    }, step);
    return place;
  }

  /** Steps that the view asked its host for. */
  const askedRange = (): ProgressState['view']['range'] => (view.savedState() as ProgressState).view.range;

  /** Whether anything of a colour of the runs is drawn on the chart. */
  const colorfulPixels = (chart: string): Promise<number> =>
    view.page.locator(`.chart-${chart} canvas`).evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) {
        const rgb = [...data.subarray(at, at + 3)];
        if (data[at + 3]! > 100 && Math.max(...rgb) - Math.min(...rgb) > 60) count += 1;
      }
      return count;
    });

  test('draws every curve of a finished run and its figures', async () => {
    const { page } = await open([recorded('first')]);
    for (const chart of ['loss', 'learningRate', 'gradNorm', 'tokensPerSecond', 'memoryBytes'])
      await vi.waitFor(async () => expect(await colorfulPixels(chart)).toBeGreaterThan(200), 10_000);
    const log = await logOf('first');
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
    const { page } = await open([recorded('first')]);
    const log = await logOf('first');
    for (const step of [3, 17, 31]) {
      const { x, y } = await placeOf('gradNorm', step);
      await page.mouse.move(x, y);
      const logged = stepsOf(log)[step - 1]!;
      await vi.waitFor(async () => {
        expect(await readings('gradNorm')).toEqual([logged.gradNorm.toPrecision(4)]);
        expect((await readings('loss'))[0]).toBe(logged.loss.toPrecision(4));
        expect(await readings('tokensPerSecond')).toEqual([Math.round(logged.tokensPerSecond).toLocaleString('en')]);
      }, 10_000);
      expect(await page.locator('.chart-memoryBytes .chart-head').innerText()).toContain(`Step ${step}`);
    }
    await page.mouse.move(2, 2);
    const last = stepsOf(log).at(-1)!;
    await vi.waitFor(async () => expect((await readings('loss'))[0]).toBe(last.loss.toPrecision(4)), 5_000);
  });

  test('is operated by keyboard and says the figures in words', async () => {
    const { page } = await open([recorded('first')]);
    const plot = page.locator('.chart-loss neuroada-plot');
    await plot.focus();
    await vi.waitFor(async () => {
      await page.keyboard.press('Home');
      expect(await plot.getAttribute('aria-valuenow')).toBe('1');
    }, 10_000);
    await page.keyboard.press('ArrowRight');
    const second = stepsOf(await logOf('first'))[1]!;
    const text = `Step 2: Training Loss ${second.loss.toPrecision(4)}, Evaluation Loss`;
    await vi.waitFor(async () => expect(await plot.getAttribute('aria-valuetext')).toContain(text), 10_000);
    expect(await plot.getAttribute('aria-valuenow')).toBe('2');
    await page.keyboard.press('+');
    await vi.waitFor(() => expect(askedRange()).not.toBeNull(), 10_000);
    const [from, to] = askedRange()!;
    expect(to - from).toBeCloseTo((STEPS - 1) / 2, 6);
    await page.keyboard.press('Escape');
    await vi.waitFor(() => expect(askedRange()).toBeNull(), 10_000);
  });

  test('zooms by dragging and with the wheel, and back by a double click', async () => {
    const { page } = await open([recorded('first')]);
    const start = await placeOf('loss', 10);
    const end = await placeOf('loss', 20);
    await page.mouse.move(start.x, start.y);
    await page.mouse.down();
    await page.mouse.move((start.x + end.x) / 2, end.y);
    await page.mouse.move(end.x, end.y);
    await page.mouse.up();
    await vi.waitFor(() => expect(askedRange()).not.toBeNull(), 10_000);
    expect(askedRange()![0]).toBeCloseTo(10, 0);
    expect(askedRange()![1]).toBeCloseTo(20, 0);
    await page.getByRole('button', { name: 'Show All Steps' }).waitFor();
    const middle = await placeOf('loss', 15);
    await page.mouse.move(middle.x, middle.y);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -200);
    await page.keyboard.up('Control');
    await vi.waitFor(() => expect(askedRange()![1] - askedRange()![0]).toBeLessThan(8), 10_000);
    const before = askedRange()!;
    expect(15).toBeGreaterThan(before[0]);
    expect(15).toBeLessThan(before[1]);
    await page.mouse.dblclick(middle.x, middle.y);
    await vi.waitFor(() => expect(askedRange()).toBeNull(), 10_000);
  });

  test('follows a run that trains, and tells its end to a screen reader once', async () => {
    const run = await ReplayedRun.of(recorded('first'), recorded('live'));
    await run.advance(0);
    const { page } = await open([run.folder]);
    await page.locator('.waiting').waitFor();
    expect(await page.locator('neuroada-plot').count()).toBe(0);
    for (const step of [1, 9, 20]) {
      await run.advance(step);
      await host.store.refresh(run.folder);
      await page.locator('.step-text', { hasText: `Step ${step} of ${STEPS}` }).waitFor();
      const loss = stepsOf(await logOf('live'))
        .at(-1)!
        .loss.toPrecision(4);
      await vi.waitFor(async () => expect((await readings('loss'))[0]).toBe(loss), 5_000);
    }
    expect(await page.locator('[role=status]').innerText()).toBe('');
    await run.finish();
    await host.store.refresh(run.folder);
    await vi.waitFor(
      async () => expect(await page.locator('[role=status]').innerText()).toBe('Support desk: Finished'),
      5_000,
    );
  });

  test('shows the log in its table, cell by cell', async () => {
    const { page } = await open([recorded('first')]);
    await page.getByRole('button', { name: 'Table' }).click();
    const rows = page.locator('.figures-table tbody tr');
    await vi.waitFor(async () => expect(await rows.count()).toBe(STEPS), 5_000);
    const cells = await rows.evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
    const log = await logOf('first');
    const evaluated = new Map(evaluationsOf(log).map(({ step, loss }) => [step, loss]));
    const expected = stepsOf(log).map((step) => [
      String(step.step),
      step.loss.toPrecision(4),
      evaluated.get(step.step)?.toPrecision(4) ?? '',
    ]);
    expect(cells.map((row) => row.slice(0, 3)).reverse()).toEqual(expected);
  });

  test('compares runs: curves told apart, differences of their configurations, removal', async () => {
    const { page } = await open([recorded('first'), recorded('second')], { width: 1280 });
    expect(await page.locator('.card-name').allInnerTexts()).toEqual(['Support desk', 'Support desk, k = 4']);
    const lines = page.locator('.legend .swatch line');
    expect(await lines.nth(0).getAttribute('stroke')).not.toBe(await lines.nth(1).getAttribute('stroke'));
    expect(await lines.nth(0).getAttribute('stroke-dasharray')).not.toBe(
      await lines.nth(1).getAttribute('stroke-dasharray'),
    );
    const fields = page.locator('.comparison-table tbody th code');
    expect(await fields.allInnerTexts()).toEqual(['selection.k', 'training.seed']);
    await page.locator('.comparison neuroada-checkbox').click();
    await vi.waitFor(async () => expect(await fields.count()).toBeGreaterThan(10), 5_000);
    expect(await page.locator('tr.is-different [role=img]').count()).toBe(2);
    expect(await readings('gradNorm')).toHaveLength(2);
    await page.getByRole('button', { name: 'Remove Support desk from This View', exact: true }).click();
    await vi.waitFor(async () => expect(await page.locator('.card-name').allInnerTexts()).toHaveLength(1), 5_000);
    expect((view.savedState() as ProgressState).runIds).toEqual([recorded('second')]);
  });

  test('adds a run that the native quick pick was answered with', async () => {
    const { page } = await open([recorded('first')]);
    await host.store.refresh(recorded('second'));
    answers.picked = () => true;
    await page.getByRole('button', { name: 'Add Run…' }).click();
    await page.locator('.legend').waitFor();
    expect(host.panel.folders).toEqual([recorded('first'), recorded('second')]);
  });

  test('comes back after a reload as it was', async () => {
    const first = await open([recorded('first')]);
    await first.page.locator('neuroada-checkbox', { hasText: 'Log Scale' }).click();
    await first.page.locator('.chart-loss neuroada-plot').focus();
    await first.page.keyboard.press('Home');
    await first.page.keyboard.press('+');
    await vi.waitFor(() => expect(askedRange()).not.toBeNull(), 10_000);
    const state = view.savedState() as ProgressState;
    expect(state.display.isLogScale).toBe(true);
    await view.close();
    host.dispose();
    await open([recorded('first')], { state });
    await view.page.getByRole('button', { name: 'Show All Steps' }).waitFor();
    expect(await view.page.locator('neuroada-checkbox[aria-checked=true]', { hasText: 'Log Scale' }).count()).toBe(1);
    await vi.waitFor(() => expect(askedRange()).toEqual(state.view.range), 5_000);
  });

  test('a state saved by another version does no harm', async () => {
    const state = { runIds: 7, view: { range: ['a', null], smoothing: '0.5', points: {} }, display: 'table' };
    const { page } = await open([recorded('first')], { state });
    await vi.waitFor(async () => expect(await colorfulPixels('loss')).toBeGreaterThan(200), 10_000);
    expect(await page.locator('.slider output').innerText()).toBe('0.60');
  });

  test('exports what it shows as a picture and every step as CSV', async () => {
    const { page } = await open([recorded('first')]);
    await vi.waitFor(async () => expect(await colorfulPixels('loss')).toBeGreaterThan(200), 10_000);
    answers.savePath = join(folder, 'charts.png');
    await page.getByRole('button', { name: 'Export PNG…' }).click();
    await vi.waitFor(() => expect(shownMessages.at(-1)).toContain('charts.png'), 10_000);
    const png = await readFile(answers.savePath);
    expect([...png.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    expect(png.readUInt32BE(16)).toBeGreaterThan(1_000);
    expect(png.readUInt32BE(20)).toBeGreaterThan(600);
    answers.savePath = join(folder, 'figures.csv');
    await page.getByRole('button', { name: 'Export CSV…' }).click();
    await vi.waitFor(() => expect(shownMessages.at(-1)).toContain('figures.csv'), 10_000);
    const rows = (await readFile(answers.savePath, 'utf8')).trim().split('\r\n').slice(1);
    const losses = rows.map((row) => Number(row.split(',')[2]));
    expect(losses).toEqual(stepsOf(await logOf('first')).map(({ loss }) => loss));
  });

  test('says why a run failed and offers what to do', async () => {
    const run = await ReplayedRun.of(recorded('first'), recorded('failed'));
    await run.advance(12);
    await run.fail('the loss became NaN at step 13: lower training.learningRate');
    const { page } = await open([run.folder]);
    expect(await page.locator('.banner p').innerText()).toContain('the loss became NaN at step 13');
    await page.locator('.banner neuroada-button', { hasText: 'Resume' }).click();
    await page.locator('.banner neuroada-button', { hasText: 'Open Log' }).click();
    await vi.waitFor(() => expect(host.actions).toEqual(['resume Support desk', 'openLog Support desk']), 5_000);
  });

  describe.each(THEME_KINDS)('in the theme %s', (theme) => {
    test.each([
      ['narrow', 420],
      ['wide', 1440],
    ])('has nothing that hinders access, %s', async (name, width) => {
      const shot = (state: string) => ({
        path: `.screenshots/progress-${state}-${theme}-${name}.png`,
        fullPage: true,
      });
      const { page } = await open([recorded('first')], { theme, width, height: 1000 });
      await vi.waitFor(async () => expect(await colorfulPixels('loss')).toBeGreaterThan(150), 10_000);
      await page.locator('.chart-loss neuroada-plot').focus();
      await page.keyboard.press('End');
      for (let press = 0; press < 12; press += 1) await page.keyboard.press('ArrowLeft');
      await page.screenshot(shot('run'));
      expect(await faultsOfAccess(page)).toEqual([]);
      await page.getByRole('button', { name: 'Table' }).click();
      await page.locator('.figures-table').waitFor();
      await page.screenshot(shot('table'));
      expect(await faultsOfAccess(page)).toEqual([]);
      await page.getByRole('button', { name: 'Charts' }).click();
      await host.store.refresh(recorded('second'));
      answers.picked = () => true;
      await page.getByRole('button', { name: 'Add Run…' }).click();
      await page.locator('.legend').waitFor();
      await page.locator('.comparison neuroada-checkbox').waitFor();
      await page.mouse.move(2, 2);
      await page.screenshot(shot('comparison'));
      expect(await faultsOfAccess(page)).toEqual([]);
    });
  });

  test('follows a change of the theme', async () => {
    const { page } = await open([recorded('first')], { theme: 'dark' });
    await vi.waitFor(async () => expect(await colorfulPixels('loss')).toBeGreaterThan(200), 10_000);
    const stroke = (): Promise<string | null> =>
      page.locator('.chart-loss .swatch line').first().getAttribute('stroke');
    const before = await stroke();
    await view.setTheme('light');
    await vi.waitFor(async () => expect(await stroke()).not.toBe(before), 5_000);
  });

  test.each([
    ['queued', 'Queued, place 1'],
    ['selecting', 'Selecting connections'],
    ['failed', 'Failed'],
    ['interrupted', 'Interrupted'],
    ['gone', 'This Run Is No Longer There'],
  ] as const)('stands for a run without steps: %s', async (state, title) => {
    const run = await ReplayedRun.of(recorded('first'), recorded(`no-steps-${state}`));
    if (state === 'selecting') {
      await run.claim();
      await run.begin('selecting');
    } else if (state === 'failed' || state === 'interrupted') await run.advance(0);
    if (state === 'failed') await run.fail('cannot read data/train.jsonl, line 3: not JSON');
    if (state === 'gone') await rm(run.folder, { recursive: true });
    await show([run.folder], { theme: 'light', width: 900, height: 600 });
    const place = { runFolder: run.folder, entryName: '1', device: 'cpu', resume: false, queuedTime: 0 };
    if (state === 'queued') host.store.setQueue([{ ...place, schemaVersion: 1 }]);
    await view.page.locator('.waiting-title', { hasText: title }).waitFor();
    await view.page.screenshot({ path: `.screenshots/progress-${state}-light.png` });
    expect(await faultsOfAccess(view.page)).toEqual([]);
  });

  test('shows a run in training with its time left and a way to stop it', async () => {
    const run = await ReplayedRun.of(recorded('second'), recorded('training'));
    await run.claim();
    await run.advance(23);
    const { page } = await open([run.folder], { width: 1000 });
    expect(await page.locator('.card-status').innerText()).toBe('Training');
    expect(Object.keys(await shownFigures(page))).toEqual(
      expect.arrayContaining([
        'Loss',
        'Best Evaluation',
        'Time Left',
        'Elapsed',
        'Epoch',
        'Speed',
        'Memory',
        'Trainable',
      ]),
    );
    await vi.waitFor(async () => expect(await colorfulPixels('memoryBytes')).toBeGreaterThan(100), 10_000);
    await page.screenshot({ path: '.screenshots/progress-training-dark.png' });
    await page.getByRole('button', { name: 'Stop: Support desk, k = 4' }).click();
    await vi.waitFor(() => expect(host.actions).toEqual(['stop Support desk, k = 4']), 5_000);
  });
});
