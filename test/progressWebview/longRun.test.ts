/**
 * The progress view over runs of 100,000 steps: what an update and a move of the pointer cost the page. The budget is
 * processor time of the page's main thread, which other programs on the machine do not change: an update, which comes at
 * most four times a second, takes at most three frames of 16.7 ms, and a move of the pointer at most one.
 */
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, CDPSession } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { formatEventLine } from '../../engine/protocol/runs/eventLine.ts';
import { EVENT_SCHEMA_VERSION } from '../../engine/protocol/runs/events.ts';
import { createRun } from '../../engine/run/runRecord.ts';
import { evaluationEvent, stepEvent } from '../progressView/runEvents.ts';
import { runOf } from '../run/runFixture.ts';
import { CHROMIUM_IS_MISSING, launchChromium } from '../webview/chromium.ts';
import { bundleWebviews } from '../webview/webviewBundle.ts';
import { openWebview } from '../webview/webviewPage.ts';
import { progressHost, type ProgressHost } from './progressHost.ts';

const STEPS = 100_000;
const FRAME_MS = 1000 / 60;
const UPDATE_BUDGET_MS = 3 * FRAME_MS;
const POINTER_BUDGET_MS = FRAME_MS;

function lossAt(step: number, seed: number): number {
  return 2.5 * Math.exp(-step / 20_000) + 0.4 + 0.3 * Math.sin(step * (12.9898 + seed)) ** 3;
}

/** Lines of steps from `from` to below `to`, with an evaluation after every 500. */
function lines(from: number, to: number, seed: number): string {
  const parts: string[] = [];
  for (let step = from; step < to; step++) {
    const loss = lossAt(step, seed);
    const figures = { loss, gradNorm: 1 + Math.sin(step / 7), tokensPerSecond: 6_000 + 900 * Math.cos(step), etaMs: 1 };
    parts.push(formatEventLine(stepEvent(step, figures)));
    if (step % 500 === 0) parts.push(formatEventLine(evaluationEvent(step, loss + 0.05)));
  }
  return parts.join('');
}

async function writeRun(folder: string, seed: number): Promise<void> {
  await createRun(folder, { ...runOf({ seed }), name: `long run ${seed}` }, 1);
  const header = formatEventLine({ type: 'log', schemaVersion: EVENT_SCHEMA_VERSION, time: 0 });
  await writeFile(join(folder, 'events.jsonl'), header + lines(1, STEPS + 1, seed));
}

/** Processor time of the page's main thread so far, in milliseconds. */
async function busyMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * metrics.find(({ name }) => name === 'TaskDuration')!.value;
}

/** What the host sends until the curves after `change`: kept back from the page, whose transport here costs time itself. */
async function messagesOf(host: ProgressHost, change: () => Promise<void>): Promise<{ readonly type: string }[]> {
  const messages: { readonly type: string }[] = [];
  host.webview.onMessage((message) => messages.push(message as { readonly type: string }));
  await change();
  await vi.waitFor(() => expect(messages.at(-1)?.type).toBe('curves'), 20_000);
  return messages;
}

declare global {
  interface Window {
    heldMessages: readonly unknown[];
  }
}

/** Runs in the page: takes the messages as if they came from the host, and waits until they are drawn. */
function takeHeldMessages(): Promise<void> {
  for (const message of window.heldMessages) window.postMessage(message);
  return new Promise((resolve) => {
    requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

describe.skipIf(CHROMIUM_IS_MISSING !== undefined)('two runs of 100,000 steps', () => {
  let folder: string;
  let bundle: string;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'neuroada-long-run-'));
    await writeRun(join(folder, 'one'), 1);
    await writeRun(join(folder, 'two'), 2);
    bundle = await bundleWebviews();
    browser = await launchChromium();
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
    await rm(bundle, { recursive: true });
  });

  test('are drawn, followed and pointed at within the budget', { timeout: 120_000 }, async () => {
    const runs = [join(folder, 'one'), join(folder, 'two')];
    const host = await progressHost(runs);
    const view = await openWebview(browser, host.webview, { bundle, width: 1440, height: 1200 });
    const { page } = view;
    const stepText = page.locator('.step-text, .chart-loss .reading-value').first();
    await page.locator('.chart-loss canvas').waitFor({ timeout: 60_000 });
    await stepText.waitFor();
    await page.locator('.chart-loss .reading-value').nth(3).waitFor({ timeout: 60_000 });
    await page.waitForTimeout(1_000);
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });

    const updateMs: number[] = [];
    for (let step = STEPS + 1; step <= STEPS + 12; step++) {
      const messages = await messagesOf(host, async () => {
        await appendFile(join(runs[0]!, 'events.jsonl'), lines(step, step + 1, 1));
        await host.store.refresh(runs[0]!);
      });
      await page.evaluate((held) => (globalThis.window.heldMessages = held), messages);
      const before = await busyMs(session);
      await page.evaluate(takeHeldMessages);
      updateMs.push((await busyMs(session)) - before);
      const shown = page.locator('.chart-loss .reading-value').first();
      expect(await shown.innerText()).toBe(lossAt(step, 1).toPrecision(4));
    }
    view.listen();

    const area = (await page.locator('.chart-gradNorm .u-over').boundingBox())!;
    await page.mouse.move(area.x + 10, area.y + 20);
    const moves = 60;
    const beforeMoves = await busyMs(session);
    for (let move = 0; move < moves; move++) {
      await page.mouse.move(area.x + 10 + ((area.width - 20) * move) / moves, area.y + 20);
    }
    await page.waitForTimeout(200);
    const moveMs = ((await busyMs(session)) - beforeMoves) / moves;

    const update = median(updateMs);
    console.log(`main thread: ${update.toFixed(1)} ms an update, ${moveMs.toFixed(1)} ms a move of the pointer`);
    await page.screenshot({ path: '.screenshots/progress-100000-steps-dark.png' });
    expect(view.faults).toEqual([]);
    expect(host.errors).toEqual([]);
    expect(update).toBeLessThan(UPDATE_BUDGET_MS);
    expect(moveMs).toBeLessThan(POINTER_BUDGET_MS);
    await view.close();
    host.dispose();
  });
});
