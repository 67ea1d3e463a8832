/** Toasts and dialogs. */
import { expect, type Locator, type Page } from '@playwright/test';
import { runCommand } from './palette.ts';

const TOAST_LIMIT_MS = 10_000;

export function notification(page: Page, text: string | RegExp): Locator {
  return page.locator('.notifications-toasts .notification-list-item').filter({ hasText: text });
}

export async function pressNotificationButton(page: Page, text: string | RegExp, button: string): Promise<void> {
  const shown = page.locator('.notification-list-item').filter({ hasText: text });
  // A toast needs a moment to come, and goes after some seconds; its notification stays in the list.
  const isToast = await notification(page, text)
    .waitFor({ timeout: TOAST_LIMIT_MS })
    .then(
      () => true,
      () => false,
    );
  if (!isToast) await runCommand(page, 'Notifications: Show Notifications');
  await shown.getByRole('button', { name: button, exact: true }).first().click();
}

export async function answerDialog(page: Page, text: string | RegExp, button: string): Promise<void> {
  const dialog = page.locator('.monaco-dialog-box').filter({ hasText: text });
  await expect(dialog).toBeVisible();
  await dialog.getByRole('button', { name: button, exact: true }).click();
  await expect(dialog).toBeHidden();
}
