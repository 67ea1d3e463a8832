/** The view of runs in NeuroAda's activity-bar container. */
import { expect, type Locator, type Page } from '@playwright/test';
import { chooseMenuItem } from './menu.ts';
import { openContainer } from './workbench.ts';

export async function openRunsView(page: Page): Promise<void> {
  await openContainer(page, 'NeuroAda');
  await expect(runsView(page)).toBeVisible();
}

/** The view with its welcome content. */
export function runsView(page: Page): Locator {
  return page.locator('.sidebar [id="workbench.view.extension.neuroada"]');
}

function runRows(page: Page): Locator {
  return runsView(page).locator('.monaco-list-row');
}

export function runRow(page: Page, text: string | RegExp): Locator {
  return runRows(page).filter({ hasText: text });
}

/** An item of the row's context menu. */
export async function runAction(page: Page, row: Locator, action: string): Promise<void> {
  await chooseMenuItem(page, row, action);
}
