/**
 * A webview's page in a browser, as the editor would show it: the host code's own HTML and policy, the bundle, a theme,
 * and the editor's side of the channel, which carries messages to and from real host code.
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { FakeWebviewPanel } from '../vscode/fakeWebviewPanel.ts';
import { editorTheme, type EditorTheme, type EditorThemeKind } from './editorTheme.ts';

export const WEBVIEW_ORIGIN = 'https://webview.test';

export interface WebviewOptions {
  /** Folder of the bundles. */
  readonly bundle: string;
  readonly theme?: EditorThemeKind;
  readonly width?: number;
  readonly height?: number;
  /** What `getState` gives: saved by an earlier page. */
  readonly state?: unknown;
  /** A script to run in the page before its own, which its policy does not bind. */
  readonly script?: string;
}

export interface WebviewPage {
  readonly page: Page;
  /** Violations of the content security policy, errors of scripts and messages of failure: none, if all is well. */
  readonly faults: string[];
  /** Hands the host's messages to the page, again after somebody else listened to the host. */
  listen(): void;
  /** What the webview saved last. */
  savedState(): unknown;
  setTheme(kind: EditorThemeKind): Promise<void>;
  close(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css', ttf: 'font/ttf' };

/** Opens the page that the host code gave to the panel. */
export async function openWebview(
  browser: Browser,
  host: FakeWebviewPanel,
  options: WebviewOptions,
): Promise<WebviewPage> {
  const { bundle, theme = 'dark', width = 1280, height = 900 } = options;
  const { script } = options;
  const context = await browser.newContext({ viewport: { width, height }, bypassCSP: script !== undefined });
  const page = await context.newPage();
  const faults: string[] = [];
  let savedState: unknown = options.state;
  page.on('pageerror', (error) => faults.push(`script: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  await page.route(`${WEBVIEW_ORIGIN}/**`, async (route) => {
    const name = basename(new URL(route.request().url()).pathname);
    if (name === '') return route.fulfill({ contentType: 'text/html', body: host.panel.webview.html });
    const contentType = TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
    const headers = { 'access-control-allow-origin': '*' };
    return route.fulfill({ contentType, headers, body: await readFile(join(bundle, name)) });
  });
  await page.exposeFunction('neuroadaPost', (message: { type: string; stack?: string; message?: string }) => {
    if (message.type === 'failure') faults.push(`failure: ${message.stack ?? message.message}`);
    host.receive(message);
  });
  await page.exposeFunction('neuroadaSave', (state: unknown) => {
    savedState = state;
  });
  await page.exposeFunction('neuroadaViolation', (violation: string) => {
    faults.push(`policy: ${violation}`);
  });
  await page.addInitScript(actAsEditor, { theme: editorTheme(theme), state: options.state ?? null });
  if (script !== undefined) await page.addInitScript({ path: script });
  const listen = (): void => {
    host.onMessage((message) => {
      // Messages of a page that is closed meanwhile go nowhere.
      void page.evaluate((data) => globalThis.window.postMessage(data), message).catch(() => undefined);
    });
  };
  listen();
  await page.goto(`${WEBVIEW_ORIGIN}/`);
  return {
    page,
    faults,
    listen,
    savedState: () => savedState,
    setTheme: (kind) => page.evaluate((next) => globalThis.window.neuroadaTheme(next), editorTheme(kind)),
    close: () => context.close(),
  };
}

declare global {
  interface Window {
    neuroadaPost(message: unknown): Promise<void>;
    neuroadaSave(state: unknown): Promise<void>;
    neuroadaViolation(violation: string): Promise<void>;
    neuroadaTheme(theme: EditorTheme): void;
    acquireVsCodeApi(): { postMessage(message: unknown): void; getState(): unknown; setState(state: unknown): void };
  }
}

/** Runs in the page before its scripts: theme, default styles and API as the editor gives them. */
function actAsEditor({ theme, state }: { theme: EditorTheme; state: unknown }): void {
  let current: unknown = state ?? undefined;
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => void window.neuroadaPost(message),
    getState: () => current,
    setState: (next) => {
      current = next;
      void window.neuroadaSave(next);
    },
  });
  window.neuroadaTheme = ({ variables, bodyClass, kindAttribute }) => {
    document.documentElement.removeAttribute('style');
    for (const [name, value] of Object.entries(variables)) document.documentElement.style.setProperty(name, value);
    document.body.className = bodyClass;
    document.body.dataset['vscodeThemeKind'] = kindAttribute;
  };
  document.addEventListener('securitypolicyviolation', (event) => {
    void window.neuroadaViolation(
      `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
    );
  });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`@layer vscode-default {
    html { scrollbar-color: var(--vscode-scrollbarSlider-background) var(--vscode-editor-background); }
    body {
      overscroll-behavior-x: none; background-color: transparent; color: var(--vscode-editor-foreground);
      font-family: var(--vscode-font-family); font-weight: var(--vscode-font-weight);
      font-size: var(--vscode-font-size); margin: 0; padding: 0 20px;
    }
    a, a code { color: var(--vscode-textLink-foreground); }
  }`);
  document.adoptedStyleSheets.push(sheet);
  const observer = new MutationObserver(() => {
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- the body comes after the head
    if (document.body === null) return;
    observer.disconnect();
    window.neuroadaTheme(theme);
  });
  observer.observe(document, { childList: true, subtree: true });
}
