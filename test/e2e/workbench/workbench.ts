/** The editor's window: opening a folder in it, reloading it, and its parts that are always there. */
import { expect, type Locator, type Page } from '@playwright/test';

const OPEN_LIMIT_MS = 90_000;

export async function openWorkbench(page: Page, address: string, folder: string): Promise<void> {
  await page.goto(`${address}/?folder=${encodeURIComponent(folder)}`);
  await waitForWorkbench(page);
}

/** A window without a folder. */
export async function openEmptyWorkbench(page: Page, address: string): Promise<void> {
  await page.goto(`${address}/?ew=true`);
  await waitForWorkbench(page);
}

/** As "Developer: Reload Window" does. */
export async function reloadWorkbench(page: Page): Promise<void> {
  await page.reload();
  await waitForWorkbench(page);
}

async function waitForWorkbench(page: Page): Promise<void> {
  await expect(page.locator('.monaco-workbench .part.statusbar .statusbar-item').first()).toBeVisible({
    timeout: OPEN_LIMIT_MS,
  });
  await expect(page.locator('.activitybar a[aria-label^="NeuroAda"]')).toBeVisible({ timeout: OPEN_LIMIT_MS });
}

/** Shows a container of the activity bar; a second click would close it. */
export async function openContainer(page: Page, label: string): Promise<void> {
  // A badge may lie over the link, so that the item around it takes the click.
  const item = page.locator('.activitybar .action-item').filter({ has: page.locator(`a[aria-label^="${label}"]`) });
  await expect(item).toBeVisible();
  if (!/\bchecked\b/.test((await item.getAttribute('class')) ?? '')) await item.click();
}

/** How far the run that trains is. */
export function activeRunItem(page: Page): Locator {
  return page.locator('.part.statusbar [id$="neuroada.activeRun"]');
}

export function editorTab(page: Page, title: string | RegExp): Locator {
  return page.locator('.part.editor .tab').filter({ hasText: title });
}

/** Closes the tab with exactly this title. */
export async function closeTab(page: Page, title: string): Promise<void> {
  const tab = page.locator('.part.editor .tab').filter({ has: page.getByText(title, { exact: true }) });
  await tab.click();
  await tab.getByRole('button', { name: 'Close' }).click();
  await expect(tab).toBeHidden();
}
