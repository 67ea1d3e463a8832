/** What can compute on this machine, looked up with the keyboard, in every theme. */
import { expect, test } from '../journey.ts';
import { notification } from '../workbench/notifications.ts';
import { pickRows, runCommand, waitForPick } from '../workbench/palette.ts';
import { inEachTheme } from '../workbench/themes.ts';
import { expectPickAccessible } from '../workbench/webview.ts';

test('devices are listed, and one that is not usable says why, by keyboard', async ({ workbench: page }) => {
  await runCommand(page, 'NeuroAda: Show Devices');
  await waitForPick(page, 'Devices');
  const rows = pickRows(page);
  await expect(rows.first()).toContainText('Best available');
  await expect(rows.filter({ hasText: /^CPU/ })).toContainText(/GB/);
  await inEachTheme(page, 'devices', () => expectPickAccessible(page));

  const obstacle = rows.filter({ hasText: 'GPU (CUDA)' });
  await expect(obstacle).toBeVisible();
  await page.keyboard.press('End');
  await page.keyboard.type('CUDA');
  await page.keyboard.press('Enter');
  await expect(notification(page, /GPU \(CUDA\): \w+/)).toBeVisible();
});
