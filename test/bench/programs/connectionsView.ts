/**
 * The Connections view at the shape of a model of 8 billion parameters, of which only what is viewed is read: the bundled
 * engine and webview, the extension's own host code, and a headless browser of 1080p. How soon pages are painted, whether
 * pan and zoom keep up, and what memory all of it takes.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordFrames } from '../frames.ts';
import { writeLargeAdapter } from '../largeAdapter.ts';
import { openLargeView, prepareLargeView, type LargeView } from '../largeView.ts';
import { childrenOf, openBrowser, proportionalBytes, rendererPids } from '../processMemory.ts';
import { atMost, informative, report } from '../row.ts';
import { median } from '../timing.ts';

const K = 20;
const OPENINGS = 5;
const LAYERS = [4, 9, 14, 19, 24];
const BARS = { overviewMs: 1000, matrixMs: 300, gapMs: 1000, memoryMB: 300 } as const;

const folder = await mkdtemp(join(tmpdir(), 'neuroada-bench-'));
const browser = await openBrowser();
try {
  const files = await prepareLargeView(folder);
  const { adapter } = await writeLargeAdapter(folder, K);
  const openings: number[] = [];
  for (let round = 0; round < OPENINGS; round += 1) {
    const view = await openLargeView(browser, files, adapter);
    openings.push(view.openingMs);
    await view.close();
  }
  // The view that is measured is the only page of a fresh process.
  const empty = await browser.newPage();
  const emptyBytes = await webviewBytes();
  await empty.close();
  const view = await openLargeView(browser, files, adapter);
  const matrices: number[] = [];
  for (const layer of LAYERS) matrices.push(await view.openMatrix(`model.layers.${layer}.mlp.gate_proj`));
  const deltas = await recordFrames(browser, view.page, () => view.panAndZoom());
  await view.showLayer('W');
  const weights = await recordFrames(browser, view.page, () => view.panAndZoom());
  const memory = memoryOf(view, (await webviewBytes()) - emptyBytes);
  await view.close();
  report(
    atMost(BARS.overviewMs, 'view of 8B, k = 20: first figure of the overview painted', median(openings), 'ms'),
    atMost(BARS.matrixMs, 'view of 8B: a matrix of 14336 x 4096 painted', median(matrices), 'ms'),
    atMost(BARS.gapMs, 'pan and zoom over deltas: longest time without a frame', deltas.longestGapMs, 'ms'),
    atMost(BARS.gapMs, 'pan and zoom over all weights: longest time without a frame', weights.longestGapMs, 'ms'),
    informative('pan and zoom over deltas: frames', deltas.perSecond, '/s'),
    informative('pan and zoom over all weights: frames', weights.perSecond, '/s'),
    informative('memory of the engine', memory.engine / 1e6, 'MB'),
    informative('memory that the view adds to the extension host', memory.host / 1e6, 'MB'),
    informative('memory of the webview, an empty page aside', memory.webview / 1e6, 'MB'),
    atMost(BARS.memoryMB, 'memory of engine, host and webview', sum(memory) / 1e6, 'MB'),
  );
} finally {
  await browser.close();
  await rm(folder, { recursive: true });
}

interface ViewMemory {
  readonly engine: number;
  readonly host: number;
  readonly webview: number;
}

function memoryOf({ hostPid, hostBytes }: LargeView, webview: number): ViewMemory {
  const [enginePid] = childrenOf(hostPid);
  return { engine: proportionalBytes(enginePid!), host: proportionalBytes(hostPid) - hostBytes, webview };
}

function sum({ engine, host, webview }: ViewMemory): number {
  return engine + host + webview;
}

/** Of the largest renderer: the one whose page is shown. */
async function webviewBytes(): Promise<number> {
  const pids = await rendererPids(browser);
  return Math.max(...pids.map(proportionalBytes));
}
