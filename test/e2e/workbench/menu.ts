/** Context menus. */
import { expect, type Locator, type Page } from '@playwright/test';

/** Takes an item of the target's context menu. */
export async function chooseMenuItem(page: Page, target: Locator, label: string): Promise<void> {
  const item = page.locator('.monaco-menu .action-item').filter({ has: page.getByText(label, { exact: true }) });
  // A view that takes the focus meanwhile closes the menu.
  await expect(async () => {
    if (!(await item.isVisible())) await target.click({ button: 'right' });
    await expect(item).toBeVisible({ timeout: 5_000 });
  }).toPass({ timeout: 60_000 });
  // A menu ignores clicks in its first moments.
  await expect(async () => {
    // One that was taken may be slow to close the menu.
    if (await item.isVisible()) await item.click({ timeout: 2_000 });
    await expect(item).toBeHidden({ timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
}
