/** The command palette and the quick picks and inputs that commands open, worked with the keyboard alone. */
import { expect, type Locator, type Page } from '@playwright/test';

/** Commands of extensions appear some time after the window; picks wait for the engine's answers. */
const PICK_LIMIT_MS = 60_000;
const SEARCH_LIMIT_MS = 8_000;

const widget = (page: Page): Locator => page.locator('.quick-input-widget:not(.hidden)');

/** Runs a command by its full title. */
export async function runCommand(page: Page, title: string): Promise<void> {
  const row = pickRows(page).filter({ has: page.getByText(title, { exact: true }) });
  await expect(async () => {
    await page.keyboard.press('Escape');
    await page.keyboard.press('F1');
    await expect(widget(page)).toBeVisible({ timeout: SEARCH_LIMIT_MS });
    await widget(page).locator('input.input').fill(`>${title}`);
    await expect(row.first()).toBeVisible({ timeout: SEARCH_LIMIT_MS });
  }).toPass({ timeout: PICK_LIMIT_MS });
  await page.keyboard.press('Enter');
}

/** Opens a file of the workspace by its name. */
export async function openFile(page: Page, name: string): Promise<void> {
  await expect(async () => {
    await page.keyboard.press('Escape');
    await page.keyboard.press('F1');
    await expect(widget(page)).toBeVisible({ timeout: SEARCH_LIMIT_MS });
    await widget(page).locator('input.input').fill(name);
    await expect(pickRows(page).first()).toContainText(name, { timeout: SEARCH_LIMIT_MS });
  }).toPass({ timeout: PICK_LIMIT_MS });
  await page.keyboard.press('Enter');
  await expect(page.locator('.part.editor .tab.active').filter({ hasText: name })).toBeVisible();
}

/** What the open pick offers. */
export function pickRows(page: Page): Locator {
  return widget(page).locator('.quick-input-list .monaco-list-row');
}

function pickTitle(page: Page): Locator {
  return widget(page).locator('.quick-input-title');
}

/** The pick or input with this text in its title or hint, once it shows items. */
export async function waitForPick(page: Page, text: string | RegExp): Promise<void> {
  const placeholder = widget(page).locator('input.input');
  await expect(async () => {
    const atOnce = { timeout: 500 };
    const shown = [
      await pickTitle(page).textContent(atOnce),
      await placeholder.getAttribute('placeholder', atOnce),
    ].join('\n');
    expect(shown).toMatch(text);
    await expect(pickRows(page).first()).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: PICK_LIMIT_MS });
}

/** The input box that suggests this text. */
export async function waitForInput(page: Page, text: string): Promise<void> {
  await expect(widget(page).locator('input.input')).toHaveValue(text);
}

/** The input box whose text is like this. */
export async function waitForInputBox(page: Page, text: RegExp): Promise<Locator> {
  const input = widget(page).locator('input.input');
  await expect(input).toHaveValue(text);
  return input;
}

/** Types into the open pick or input, in place of what is there, and presses Enter. */
export async function answer(page: Page, text: string): Promise<void> {
  await widget(page).locator('input.input').fill(text);
  await page.keyboard.press('Enter');
}
