/** What the view shows as text, read from its page. */
import type { Page } from 'playwright-core';

/** The figures of a run's card by their names. */
export async function shownFigures(page: Page): Promise<Record<string, string>> {
  const figures = await page.locator('.figure').all();
  const entries = figures.map(async (figure) => [
    await figure.locator('dt').innerText(),
    (await figure.locator('dd').innerText()).replaceAll(/\s+/g, ' '),
  ]);
  return Object.fromEntries(await Promise.all(entries)) as Record<string, string>;
}
