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
  axeSource ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const frame = await activeFrame(page);
  await frame.evaluate(await axeSource);
  const violations = await frame.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document);
    return violations.map(({ id, help, nodes }) => ({
      rule: id,
      help,
      nodes: nodes.map(({ html, failureSummary }) => `${html}: ${failureSummary ?? ''}`),
    }));
  });
  expect(violations).toEqual([]);
}
