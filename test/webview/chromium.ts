/** The browser that webviews are tested in: the system's Chromium, since none is downloaded. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const PATH = process.env['NEUROADA_CHROMIUM'] ?? '/usr/bin/chromium';

/** Why the tests of webviews cannot run here; undefined where they can. */
export const CHROMIUM_IS_MISSING = existsSync(PATH)
  ? undefined
  : `no Chromium at ${PATH}: install it (Debian: apt-get install chromium) or name it in NEUROADA_CHROMIUM`;

export function launchChromium(): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
  return chromium.launch({ executablePath: PATH, args });
}
