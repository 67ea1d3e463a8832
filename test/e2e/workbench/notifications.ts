/** Toasts and dialogs. */
import { expect, type Locator, type Page } from '@playwright/test';

export function notification(page: Page, text: string | RegExp): Locator {
  return page.locator('.notifications-toasts .notification-list-item').filter({ hasText: text });
}

export async function pressNotificationButton(page: Page, text: string | RegExp, button: string): Promise<void> {
  const toast = notification(page, text);
  await toast.getByRole('button', { name: button, exact: true }).click();
}

export async function answerDialog(page: Page, text: string | RegExp, button: string): Promise<void> {
  const dialog = page.locator('.monaco-dialog-box').filter({ hasText: text });
  await expect(dialog).toBeVisible();
  await dialog.getByRole('button', { name: button, exact: true }).click();
  await expect(dialog).toBeHidden();
}
