/** The explorer: files and folders of the workspace and what their context menus offer. */
import { expect, type Locator, type Page } from '@playwright/test';
import { chooseMenuItem } from './menu.ts';
import { openContainer } from './workbench.ts';

export async function openExplorer(page: Page): Promise<void> {
  await openContainer(page, 'Explorer');
  await expect(page.locator('.explorer-folders-view')).toBeVisible();
}

export function explorerRow(page: Page, name: string): Locator {
  return page.locator('.explorer-folders-view .monaco-list-row').filter({ has: page.getByText(name, { exact: true }) });
}

/** Reads the workspace again: the editor overlooks files that appear while it begins to watch. */
async function refreshExplorer(page: Page): Promise<void> {
  await page.locator('.explorer-folders-view').hover();
  await page.getByRole('button', { name: 'Refresh Explorer' }).click();
}

/** Opens the folders on the way, one below the other. */
export async function expandFolders(page: Page, names: readonly string[]): Promise<void> {
  await refreshExplorer(page);
  for (const name of names) {
    const row = explorerRow(page, name);
    await expect(row).toBeVisible();
    if ((await row.getAttribute('aria-expanded')) === 'false') await row.click();
    await expect(row).toHaveAttribute('aria-expanded', 'true');
  }
}

export async function explorerAction(page: Page, name: string, action: string): Promise<void> {
  await chooseMenuItem(page, explorerRow(page, name), action);
}
