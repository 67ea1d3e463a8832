/**
 * What tests of the Connections view in a browser share: a run that the product wrote, the view's real host and engine,
 * and ways to see what is painted.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import type { ConnectionSource } from '../../engine/protocol/connections/connectionSource.ts';
import type { ConnectionsState } from '../../engine/protocol/connectionsView.ts';
import type { ConnectionsTarget } from '../../extension/connectionsView/connectionsSession.ts';
import type { ShownSources } from '../../extension/connectionsView/restoredSources.ts';
import type { JobsEngine } from '../../extension/engine/jobsEngine.ts';
import { plainConnections, plainTensors, type PlainConnection } from '../inspection/plainReading.ts';
import { writeRun, type RunOnDisk } from '../inspection/runOnDisk.ts';
import { CHROMIUM_IS_MISSING, launchChromium } from '../webview/chromium.ts';
import { bundleWebviews } from '../webview/webviewBundle.ts';
import { openWebview, type WebviewOptions, type WebviewPage } from '../webview/webviewPage.ts';
import { connectionsHost, startEngine, type ConnectionsHost } from './connectionsHost.ts';

export const MODULE = 'model.layers.0.self_attn.q_proj';
export const K = 3;
export const WAIT = { timeout: 30_000, interval: 50 };
export const CANVAS = '.matrix-picture canvas';

/** Options of a suite that needs the browser. */
export const SUITE = { timeout: 120_000, skip: CHROMIUM_IS_MISSING !== undefined };

if (CHROMIUM_IS_MISSING !== undefined) console.warn(`webview tests skipped: ${CHROMIUM_IS_MISSING}`);

type PageOptions = Omit<WebviewOptions, 'bundle'>;

/** What one suite works with; everything is there once its tests run. */
export class ConnectionsFixture {
  #folder: string | undefined;
  #bundle: string | undefined;
  #browser: Browser | undefined;
  #engine: JobsEngine | undefined;
  #run: RunOnDisk | undefined;
  #host: ConnectionsHost | undefined;
  #view: WebviewPage | undefined;

  /** Call within the suite. */
  constructor() {
    beforeAll(() => this.#begin(), 240_000);
    afterEach(async () => {
      await this.close();
      expect(this.view.faults).toEqual([]);
      expect(this.host.errors).toEqual([]);
    });
    afterAll(async () => {
      this.#engine?.dispose();
      await this.#browser?.close();
      for (const folder of [this.#folder, this.#bundle])
        if (folder !== undefined) await rm(folder, { recursive: true });
    });
  }

  get folder(): string {
    return present(this.#folder);
  }

  /** A finished run of the golden model, with checkpoints at steps 10, 20 and 30. */
  get run(): RunOnDisk {
    return present(this.#run);
  }

  get host(): ConnectionsHost {
    return present(this.#host);
  }

  get view(): WebviewPage {
    return present(this.#view);
  }

  /** What the view kept of itself last. */
  get state(): ConnectionsState {
    return this.view.savedState() as ConnectionsState;
  }

  /** The connections of `MODULE` as the run's adapter has them. */
  get connections(): readonly PlainConnection[] {
    return plainConnections(plainTensors(adapterOf(this.run)), MODULE);
  }

  async open(target: ConnectionsTarget | ShownSources, options: PageOptions = {}): Promise<Page> {
    const host = await connectionsHost(present(this.#engine), target);
    this.#host = host;
    const size = { width: 1600, height: 1000 };
    this.#view = await openWebview(present(this.#browser), host.webview, {
      bundle: present(this.#bundle),
      ...size,
      ...options,
    });
    await this.view.page.locator('h1').waitFor();
    return this.view.page;
  }

  async openMatrix(target: ShownSources = [sourceOf(this.run)]): Promise<Page> {
    const page = await this.open(target);
    if (target.length === 2) await page.getByRole('tab', { name: 'Overview' }).click();
    await page.locator(`[data-module="${MODULE}"]`).first().click();
    await page.locator(CANVAS).waitFor();
    await vi.waitFor(async () => expect(await colouredPixels(page)).toBeGreaterThan(20), WAIT);
    return page;
  }

  async close(): Promise<void> {
    await this.#view?.close();
    this.#host?.dispose();
  }

  async #begin(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'neuroada-connections-view-'));
    this.#run = await writeRun(join(this.#folder, 'first'), 'llama', { steps: [10, 20, 30], k: K, isFinished: true });
    this.#bundle = await bundleWebviews();
    this.#browser = await launchChromium();
    this.#engine = startEngine();
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not there before the suite has begun');
  return value;
}

export function adapterOf(run: RunOnDisk): string {
  return join(run.folder, 'adapter', 'adapter_model.safetensors');
}

export function sourceOf(run: RunOnDisk): ConnectionSource {
  return { kind: 'run', folder: run.folder, at: 'newest' };
}

/** Pixels of the picture that have a colour of the diverging map. */
function colouredPixels(page: Page): Promise<number> {
  return page.locator(CANVAS).evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      const rgb = [...data.subarray(at, at + 3)];
      if (Math.max(...rgb) - Math.min(...rgb) > 60) count += 1;
    }
    return count;
  });
}

export function readout(page: Page): Promise<string> {
  return page.locator('.readout').innerText();
}

/** A figure as the view writes it. */
export function shownNumber(text: string): number {
  return Number(text.replace('−', '-').replace('+', '').replaceAll(',', ''));
}

/** Fills the fields of the toolbar and goes there. */
export async function goTo(page: Page, place: { readonly row?: number; readonly column?: number }): Promise<void> {
  if (place.row !== undefined) await page.getByRole('spinbutton', { name: 'Neuron' }).fill(String(place.row));
  if (place.column !== undefined) await page.getByRole('spinbutton', { name: 'Input' }).fill(String(place.column));
  await page.getByRole('button', { name: 'Go' }).click();
}
