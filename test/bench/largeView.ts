/** The Connections view of an adapter in a browser window of 1080p, over the bundled engine and the extension's own host. */
import { fork, type ChildProcess, type Serializable } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build } from 'esbuild';
import { execa } from 'execa';
import type { Browser, Page } from 'playwright-core';
import { ADAPTER_FILES } from '../../engine/protocol/runs/runFolder.ts';
import type { FakeWebviewPanel } from '../vscode/fakeWebviewPanel.ts';
import { openWebview } from '../webview/webviewPage.ts';
import type { HostReady } from './connectionsViewHost.ts';
import { proportionalBytes } from './processMemory.ts';

const ROOT = join(import.meta.dirname, '../..');
const SIZE = { width: 1920, height: 1080 };
const CANVAS = '.matrix-picture canvas';

export interface LargeViewFiles {
  /** The host program. */
  readonly host: string;
  /** The script by which a page hears of the host. */
  readonly stream: string;
  /** The engine's. */
  readonly server: string;
  /** Folder of the bundled webviews. */
  readonly webviews: string;
}

export interface LargeView {
  readonly page: Page;
  /** From the wish to see the file to the first painted figure of the overview, the engine's start included. */
  readonly openingMs: number;
  /** The engine is its only child. */
  readonly hostPid: number;
  /** The host's memory before it was asked for anything. */
  readonly hostBytes: number;
  /** From the click on a module to its picture, in milliseconds. */
  openMatrix(module: string): Promise<number>;
  showLayer(name: string): Promise<void>;
  /** Zooms in and out and pans, as fast as a hand does, for some seconds. */
  panAndZoom(): Promise<void>;
  close(): Promise<void>;
}

/** Builds what the product ships, and the host program; returns what `openLargeView` needs. */
export async function prepareLargeView(folder: string): Promise<LargeViewFiles> {
  await execa(process.execPath, ['esbuild.config.js'], { cwd: ROOT });
  const host = join(folder, 'host.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'connectionsViewHost.ts')],
    outfile: host,
    ...{ bundle: true, platform: 'node', format: 'esm', logLevel: 'warning' },
    alias: { vscode: join(ROOT, 'test/vscode/fakeVscode.ts') },
    banner: {
      js: "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);",
    },
  });
  const stream = join(folder, 'messageStream.js');
  const options = { outfile: stream, bundle: true, format: 'iife', logLevel: 'warning' } as const;
  await build({ entryPoints: [join(import.meta.dirname, 'messageStream.ts')], ...options });
  return { host, stream, server: join(ROOT, 'dist/engine/server.mjs'), webviews: join(ROOT, 'dist/webview') };
}

export async function openLargeView(browser: Browser, files: LargeViewFiles, adapter: string): Promise<LargeView> {
  const path = join(adapter, ADAPTER_FILES.model);
  const host = fork(files.host, [files.server, path], { execArgv: [] });
  const [ready] = (await once(host, 'message')) as [HostReady];
  const hostBytes = proportionalBytes(host.pid!);
  const startMs = Date.now();
  const view = await openWebview(browser, panelOf(host, ready), {
    ...{ bundle: files.webviews, script: files.stream, ...SIZE },
  });
  const { page } = view;
  await page.waitForFunction(() => /\d/.test(document.querySelector('.cell')?.textContent ?? ''), undefined, {
    polling: 'raf',
  });
  const openingMs = Date.now() - startMs;
  await page.waitForFunction(() => [...document.querySelectorAll('.cell')].every((cell) => cell.textContent !== ''));
  return {
    page,
    openingMs,
    hostPid: host.pid!,
    hostBytes,
    async openMatrix(module) {
      await page.getByRole('tab', { name: 'Overview' }).click();
      await page.locator(`[data-module="${module}"]`).waitFor();
      return page.evaluate(untilPainted, { module, canvas: CANVAS });
    },
    showLayer: (name) => page.getByRole('group', { name: 'Layer' }).getByRole('button', { name, exact: true }).click(),
    panAndZoom: () => panAndZoom(page),
    async close() {
      await view.close();
      host.disconnect();
      await once(host, 'exit');
    },
  };
}

/** What the browser's side of tests knows a panel by; the page hears of the host by itself. */
function panelOf(host: ChildProcess, { html, messages }: HostReady): FakeWebviewPanel {
  const follow = `<script>window.neuroadaFollow(${JSON.stringify(messages)})</script>`;
  return {
    panel: { webview: { html: html.replace('<body>', `<body>${follow}`) } } as FakeWebviewPanel['panel'],
    receive: (message) => void host.send(message as Serializable),
    onMessage: () => undefined,
  };
}

/** Runs in the page: clicks on the module and waits until the middle of its picture has colours. */
function untilPainted({ module, canvas }: { module: string; canvas: string }): Promise<number> {
  const start = performance.now();
  document.querySelector<HTMLElement>(`[data-module="${module}"]`)!.click();
  const isPainted = (): boolean => {
    const picture = document.querySelector<HTMLCanvasElement>(canvas);
    if (picture === null || picture.width < 200) return false;
    const side = 40;
    const { data } = picture
      .getContext('2d')!
      .getImageData((picture.width - side) / 2, (picture.height - side) / 2, side, side);
    let coloured = 0;
    for (let at = 0; at < data.length; at += 4) {
      const rgb = [data[at]!, data[at + 1]!, data[at + 2]!];
      if (Math.max(...rgb) - Math.min(...rgb) > 30) coloured += 1;
    }
    return coloured > (side * side) / 4;
  };
  return new Promise((resolve) => {
    const look = (): void => {
      if (isPainted()) resolve(performance.now() - start);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

const STEPS = 120;
const STEP_MS = 16;

async function panAndZoom(page: Page): Promise<void> {
  const box = (await page.locator(CANVAS).boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const wheel = async (deltaY: number): Promise<void> => {
    for (let step = 0; step < STEPS; step += 1) {
      await page.mouse.wheel(0, deltaY);
      await page.waitForTimeout(STEP_MS);
    }
  };
  const drag = async (): Promise<void> => {
    await page.mouse.down();
    for (let step = 0; step < STEPS; step += 1) {
      const angle = (step / STEPS) * 2 * Math.PI;
      await page.mouse.move(x + 300 * Math.sin(angle), y + 200 * Math.sin(2 * angle));
      await page.waitForTimeout(STEP_MS);
    }
    await page.mouse.up();
  };
  await page.mouse.move(x, y);
  await wheel(-20);
  await drag();
  await wheel(-10);
  await drag();
  await wheel(40);
}
