/** The four kinds of theme, and pictures of the editor in each. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import { PROJECT_FOLDER } from '../editor/packagedExtension.ts';

type Media = Parameters<Page['emulateMedia']>[0];

interface Theme {
  readonly name: string;
  readonly media: Media;
  /** The workbench's class. */
  readonly kind: string;
}

const THEMES: readonly Theme[] = [
  { name: 'light', media: { colorScheme: 'light', forcedColors: 'none' }, kind: 'vs' },
  { name: 'dark', media: { colorScheme: 'dark', forcedColors: 'none' }, kind: 'vs-dark' },
  { name: 'high-contrast', media: { colorScheme: 'dark', forcedColors: 'active' }, kind: 'hc-black' },
  { name: 'high-contrast-light', media: { colorScheme: 'light', forcedColors: 'active' }, kind: 'hc-light' },
];

const FADE_MS = 500;

/** Shows the editor in each theme in turn, takes a picture, and calls `look`. */
export async function inEachTheme(page: Page, view: string, look: () => Promise<void>): Promise<void> {
  const folder = join(PROJECT_FOLDER, '.screenshots');
  await mkdir(folder, { recursive: true });
  for (const { name, media, kind } of THEMES) {
    await page.emulateMedia(media);
    await expect(page.locator(`.monaco-workbench.${kind}`)).toBeVisible();
    // Colours fade in.
    await page.waitForTimeout(FADE_MS);
    await page.screenshot({ path: join(folder, `${view}-${name}.png`) });
    await look();
  }
  await page.emulateMedia({ colorScheme: null, forcedColors: null });
}
