/** Webviews: the page of the visible one, and its accessibility as axe-core sees it. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type axe from 'axe-core';
import { expect, type Frame, type FrameLocator, type Page } from '@playwright/test';

/** The only webview that is shown. */
export function webview(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview.ready:visible').frameLocator('iframe#active-frame');
}

/** The frame behind `webview`, in which programs can be run. */
async function activeFrame(page: Page): Promise<Frame> {
  const body = await webview(page).locator('body').elementHandle();
  const frame = await body.ownerFrame();
  if (frame === null) throw new Error('no webview is shown');
  return frame;
}

let axeSource: Promise<string> | undefined;

/** Expects no violation of the rules that axe-core has for WCAG 2.2 A and AA, and of its best practices. */
export async function expectAccessible(page: Page): Promise<void> {
  expect(await violations(await activeFrame(page))).toEqual([]);
}

/** What is ours in a rendered Markdown document; its page and colours are the editor's. */
const DOCUMENT_RULES = ['image-alt', 'heading-order', 'empty-heading', 'empty-table-header', 'link-name'];

/** Expects pictures, headings, tables and links of a rendered document to say what they are. */
export async function expectDocumentAccessible(page: Page): Promise<void> {
  expect(await violations(await activeFrame(page), 'body', DOCUMENT_RULES)).toEqual([]);
}

/** Expects every text of the items in the open pick to be readable. */
export async function expectPickAccessible(page: Page): Promise<void> {
  expect(await violations(page.mainFrame(), '.quick-input-list', ['color-contrast'])).toEqual([]);
}

interface Violation {
  readonly rule: string;
  readonly help: string;
  readonly nodes: readonly string[];
}

async function violations(frame: Frame, part = 'html', rules?: readonly string[]): Promise<Violation[]> {
  axeSource ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await frame.evaluate(await axeSource);
  const options: axe.RunOptions = rules === undefined ? {} : { runOnly: { type: 'rule', values: [...rules] } };
  return frame.evaluate(
    async ([selector, chosen]) => {
      const { violations: found } = await (window as unknown as { axe: typeof axe }).axe.run(selector, chosen);
      return found.map(({ id, help, nodes }) => ({
        rule: id,
        help,
        nodes: nodes.map(({ html, failureSummary }) => `${html}: ${failureSummary ?? ''}`),
      }));
    },
    [part, options] as const,
  );
}
