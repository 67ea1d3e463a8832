/**
 * What tests of the progress view in a browser share: runs that the engine trained, the view's real host over their logs,
 * and ways to see what is drawn.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { ProgressState } from '../../engine/protocol/webview.ts';
import { CHROMIUM_IS_MISSING, launchChromium } from '../webview/chromium.ts';
import { bundleWebviews } from '../webview/webviewBundle.ts';
import { openWebview, type WebviewOptions, type WebviewPage } from '../webview/webviewPage.ts';
import { progressHost, type ProgressHost } from './progressHost.ts';
import { trainSample } from './trainedRun.ts';

/** Of each trained run. */
export const STEPS = 40;

/** Options of a suite that needs the browser. */
export const SUITE = { timeout: 60_000, skip: CHROMIUM_IS_MISSING !== undefined };

if (CHROMIUM_IS_MISSING !== undefined) console.warn(`webview tests skipped: ${CHROMIUM_IS_MISSING}`);

const RUNS = {
  first: { name: 'Support desk', fields: {} },
  second: { name: 'Support desk, k = 4', fields: { 'selection.k': 4, 'training.seed': 7 } },
};

type PageOptions = Omit<WebviewOptions, 'bundle'>;

/** What one suite works with; everything is there once its tests run. */
export class ProgressFixture {
  #folder: string | undefined;
  #bundle: string | undefined;
  #browser: Browser | undefined;
  #host: ProgressHost | undefined;
  #view: WebviewPage | undefined;

  /** Call within the suite. */
  constructor(...runs: readonly (keyof typeof RUNS)[]) {
    beforeAll(() => this.#begin(runs), 240_000);
    afterEach(async () => {
      expect(this.view.faults).toEqual([]);
      expect(this.host.errors).toEqual([]);
      await this.view.close();
      this.host.dispose();
    });
    afterAll(async () => {
      await this.#browser?.close();
      for (const folder of [this.#folder, this.#bundle])
        if (folder !== undefined) await rm(folder, { recursive: true });
    });
  }

  get folder(): string {
    return present(this.#folder);
  }

  get host(): ProgressHost {
    return present(this.#host);
  }

  get view(): WebviewPage {
    return present(this.#view);
  }

  /** Steps that the view asked its host for. */
  get askedRange(): ProgressState['view']['range'] {
    return (this.view.savedState() as ProgressState).view.range;
  }

  recorded(name: string): string {
    return join(this.folder, name);
  }

  logOf(name: string): Promise<string> {
    return readFile(join(this.recorded(name), 'events.jsonl'), 'utf8');
  }

  async open(folders: readonly string[], options: PageOptions = {}): Promise<WebviewPage> {
    await this.show(folders, options);
    await this.view.page.locator('.card').first().waitFor();
    return this.view;
  }

  async show(folders: readonly string[], options: PageOptions): Promise<void> {
    const host = await progressHost(folders);
    this.#host = host;
    this.#view = await openWebview(present(this.#browser), host.webview, { bundle: present(this.#bundle), ...options });
  }

  /** The figure of a chart's head: of the step pointed at, else the newest. */
  readings(chart: string): Promise<string[]> {
    return this.view.page.locator(`.chart-${chart} .reading-value`).allInnerTexts();
  }

  /** Middle of what a step is drawn on, in the coordinates of the page. */
  placeOf(chart: string, step: number): Promise<{ x: number; y: number }> {
    return this.view.page.locator(`.chart-${chart} neuroada-plot`).evaluate((element, wanted) => {
      const area = element.querySelector('.u-over')!.getBoundingClientRect();
      const scale = (element as HTMLElement & { readonly shownSteps: readonly [number, number] }).shownSteps;
      const share = (wanted - scale[0]) / (scale[1] - scale[0]);
      return { x: area.left + share * area.width, y: area.top + area.height / 2 };
    }, step);
  }

  /** Whether anything of a colour of the runs is drawn on the chart. */
  colorfulPixels(chart: string): Promise<number> {
    return this.view.page.locator(`.chart-${chart} canvas`).evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) {
        const rgb = [...data.subarray(at, at + 3)];
        if (data[at + 3]! > 100 && Math.max(...rgb) - Math.min(...rgb) > 60) count += 1;
      }
      return count;
    });
  }

  async #begin(runs: readonly (keyof typeof RUNS)[]): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'neuroada-progress-view-'));
    for (const run of runs) {
      const { name, fields } = RUNS[run];
      await trainSample(this.recorded(run), name, { 'training.maxSteps': STEPS, ...fields });
    }
    this.#bundle = await bundleWebviews();
    this.#browser = await launchChromium();
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not there before the suite has begun');
  return value;
}
