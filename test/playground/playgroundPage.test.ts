/** The playground in a browser: its real host and the real engine, with an adapter on the sample's checkpoint. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { LogOutputChannel } from 'vscode';
import { Uri } from 'vscode';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { writeAdapter } from '../../engine/adapter/adapter.ts';
import { openCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { JobsEngine } from '../../extension/engine/jobsEngine.ts';
import { playgroundModel } from '../../extension/playground/playgroundModel.ts';
import { PlaygroundPanel } from '../../extension/playground/playgroundPanel.ts';
import { ErrorReport } from '../../extension/problems/errorReport.ts';
import type { ProblemList } from '../../extension/problems/problemList.ts';
import { sampleAdapter, temporaryFolder } from '../adapter/sampleAdapter.ts';
import { fakeWebviewPanel } from '../vscode/fakeWebviewPanel.ts';
import { faultsOfAccess } from '../webview/access.ts';
import { CHROMIUM_IS_MISSING, launchChromium } from '../webview/chromium.ts';
import { THEME_KINDS } from '../webview/editorTheme.ts';
import { bundleWebviews } from '../webview/webviewBundle.ts';
import { openWebview, WEBVIEW_ORIGIN, type WebviewPage } from '../webview/webviewPage.ts';

const CHECKPOINT = join(import.meta.dirname, '..', '..', 'media', 'sample', 'checkpoint');
const SERVER = join(import.meta.dirname, '..', '..', 'engine', 'server', 'main.ts');
const PROMPT = 'Message: The app crashes on my phone.\nTeam:';

if (CHROMIUM_IS_MISSING !== undefined) console.warn(`webview tests skipped: ${CHROMIUM_IS_MISSING}`);

describe.skipIf(CHROMIUM_IS_MISSING !== undefined)('the playground', { timeout: 120_000 }, () => {
  const errors: string[] = [];
  let folder: string;
  let bundle: string;
  let browser: Browser;
  let engine: JobsEngine;
  let view: WebviewPage;

  beforeAll(async () => {
    folder = await temporaryFolder();
    const checkpoint = await openCheckpoint(CHECKPOINT);
    const { config, modules } = await sampleAdapter(checkpoint, {}, (entry) => Math.sin(entry + 1) / 2);
    await checkpoint.close();
    await writeAdapter(join(folder, 'adapter'), config, modules);
    bundle = await bundleWebviews();
    browser = await launchChromium();
    engine = new JobsEngine({ program: process.execPath, arguments: [SERVER], environment: {} });
  }, 120_000);

  afterEach(async () => {
    expect(view.faults).toEqual([]);
    expect(errors).toEqual([]);
    await view.close();
  });

  afterAll(async () => {
    engine.dispose();
    await browser.close();
    await rm(folder, { recursive: true });
    await rm(bundle, { recursive: true });
  });

  async function open(path: string, state?: unknown): Promise<void> {
    const model = await playgroundModel(path);
    const log = { error: (...parts: unknown[]) => errors.push(parts.join(' ')), warn: () => undefined };
    const webview = fakeWebviewPanel(WEBVIEW_ORIGIN);
    const report = new ErrorReport(log as unknown as LogOutputChannel, {} as unknown as ProblemList);
    const chooseModel = (): Promise<undefined> => Promise.resolve(undefined);
    new PlaygroundPanel(webview.panel, model!, { engine, report, extensionUri: Uri.file('/extension'), chooseModel });
    view = await openWebview(browser, webview, { bundle, state });
    await view.page.locator('.answer').first().waitFor();
  }

  async function ask(prompt: string): Promise<void> {
    const box = view.page.locator('#prompt');
    await box.fill(prompt);
    await box.press('Control+Enter');
  }

  const answers = (): Promise<string[]> => view.page.locator('.answer-text').allInnerTexts();

  async function settled(): Promise<void> {
    await view.page.locator('.answer-head .muted').last().waitFor({ timeout: 60_000 });
  }

  test('answers with both sides, and tells how probable each token was', async () => {
    await open(join(folder, 'adapter'));
    await ask(PROMPT);
    await settled();
    const [base = '', tuned = ''] = await answers();
    expect(base.length).toBeGreaterThan(5);
    expect(tuned).not.toBe(base);
    const token = view.page.locator('.answer-text').first().locator('.token').first();
    await token.hover();
    await view.page.locator('.token-detail tbody tr').first().waitFor();
    expect(await view.page.locator('.token-detail tbody tr').count()).toBe(5);
    expect(await view.page.locator('.token-detail .chosen').count()).toBe(1);
    expect(await view.page.locator('.token-detail h2').innerText()).toMatch(/with probability [\d.e-]+ %/);
  });

  test('the arrow keys move from token to token', async () => {
    await open(join(folder, 'adapter'));
    await ask(PROMPT);
    await settled();
    const answer = view.page.locator('.answer-text').last();
    await answer.focus();
    await answer.press('ArrowRight');
    await answer.press('ArrowRight');
    await view.page.locator('.answer-text').last().locator('.token:nth-child(2).token-pointed').waitFor();
    await answer.press('Escape');
    await view.page.locator('.token-pointed').waitFor({ state: 'detached' });
  });

  test('a checkpoint answers alone; what cannot be asked is said; the question outlives the page', async () => {
    await open(CHECKPOINT);
    expect(await view.page.locator('.answer').count()).toBe(1);
    await view.page.locator('summary').click();
    await view.page.locator('#template').selectOption('chat');
    await ask(PROMPT);
    expect(await view.page.locator('.banner').innerText()).toContain('no chat template');
    await expect.poll(() => view.savedState()).toMatchObject({ path: CHECKPOINT, question: { prompt: PROMPT } });
    const state = view.savedState();
    await view.close();
    await open(CHECKPOINT, state);
    expect(await view.page.locator('#prompt').inputValue()).toBe(PROMPT);
  });

  test('can be used by everyone, in every theme', async () => {
    await open(join(folder, 'adapter'));
    await ask(PROMPT);
    await settled();
    await view.page.locator('summary').click();
    for (const theme of THEME_KINDS) {
      await view.setTheme(theme);
      expect(await faultsOfAccess(view.page)).toEqual([]);
    }
    const screenshots = process.env['NEUROADA_SCREENSHOTS'];
    if (screenshots !== undefined) await view.page.screenshot({ path: join(screenshots, 'playground.png') });
  });
});
