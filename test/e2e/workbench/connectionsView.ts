/** The Connections view in its tab: its grid, its picture, its inspector, and files that it writes. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, type FrameLocator, type Locator, type Page } from '@playwright/test';
import { waitForInputBox } from './palette.ts';
import { webview } from './webview.ts';

/** Cells of the grids of modules. */
export function moduleCells(page: Page): Locator {
  return webview(page).getByRole('grid').getByRole('gridcell');
}

export function inspector(page: Page): Locator {
  return webview(page).getByRole('complementary', { name: 'Inspector' });
}

export function picture(page: Page): Locator {
  return webview(page).locator('.matrix-picture canvas');
}

/** What is known of the cell under pointer or cursor. */
export function readout(page: Page): Locator {
  return webview(page).locator('.readout');
}

export interface Place {
  readonly row: number;
  readonly column: number;
}

/** Goes to a connection as the fields of the toolbar do, by keyboard. */
export async function goToConnection(page: Page, { row, column }: Place): Promise<void> {
  const view = webview(page);
  await view.getByRole('spinbutton', { name: 'Neuron' }).fill(String(row));
  await page.keyboard.press('Tab');
  await page.keyboard.type(String(column));
  await page.keyboard.press('Enter');
  await expect(heading(view, `Neuron ${row}`)).toBeVisible();
  await expect(heading(view, `Input ${column}`)).toBeVisible();
}

/** Neurons and inputs of the cells on the diagonal from the first on, read one after the other by keyboard. */
export async function placesFromCorner(page: Page, count: number): Promise<Place[]> {
  const places: Place[] = [];
  await picture(page).focus();
  await page.keyboard.press('Control+Home');
  while (places.length < count) {
    const before = places.at(-1);
    await expect(async () => {
      const [row, column] = numbersIn((await readout(page).textContent()) ?? '');
      expect([row, column]).not.toEqual([before?.row, before?.column]);
      expect(column).toBeDefined();
      places.push({ row: row!, column: column! });
    }).toPass();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
  }
  return places;
}

export function heading(view: FrameLocator, name: string): Locator {
  return view.getByRole('complementary', { name: 'Inspector' }).getByRole('heading', { name, exact: true });
}

/** Numbers of a text as the view writes them. */
export function numbersIn(text: string): number[] {
  const words = text
    .replaceAll('−', '-')
    .replaceAll(',', '')
    .match(/[+-]?\d+(\.\d+)?(e[+-]?\d+)?/g);
  return (words ?? []).map(Number);
}

/** Presses the export button, answers where to with `file`, and returns what was written. */
export async function exportTo(page: Page, button: string, file: string): Promise<Buffer> {
  await webview(page).getByRole('button', { name: button }).click();
  const name = await waitForInputBox(page, /\.(csv|png)$/);
  // The dialog takes no answer while it reads the folder, and then may say its own name again.
  await expect(async () => {
    if (await name.isVisible()) {
      await name.fill(file);
      await name.press('Enter');
    }
    await expect.poll(() => existsSync(file), { timeout: 2_000 }).toBe(true);
  }).toPass();
  return readFile(file);
}
