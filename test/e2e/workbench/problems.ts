/** The Problems panel. */
import type { Locator, Page } from '@playwright/test';
import { runCommand } from './palette.ts';

export async function openProblems(page: Page): Promise<void> {
  await runCommand(page, 'Problems: Focus on Problems View');
}

/** Each problem ends in its place, `[Ln 3, Col 1]`. */
export function problemRow(page: Page, text: string | RegExp): Locator {
  return page.locator('.markers-panel .monaco-list-row').filter({ hasText: text });
}
