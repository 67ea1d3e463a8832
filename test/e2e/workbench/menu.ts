/** The context menu that is open. */
import { expect, type Page } from '@playwright/test';

export async function chooseMenuItem(page: Page, label: string): Promise<void> {
  const item = page.locator('.monaco-menu .action-item').filter({ has: page.getByText(label, { exact: true }) });
  await expect(item).toBeVisible();
  // A menu ignores clicks in its first moments.
  await expect(async () => {
    // One that was taken may be slow to close the menu.
    if (await item.isVisible()) await item.click({ timeout: 2_000 });
    await expect(item).toBeHidden({ timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
}
