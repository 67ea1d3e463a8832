/** The Chromium that shows the editor: the system's own, since tests download no browser. */
import { accessSync, constants } from 'node:fs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Without GPU, and without the services of a browser that a person uses. */
export const BROWSER_ARGUMENTS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The path of Chromium; `CHROMIUM_PATH` names one elsewhere. */
export function findChromium(): string {
  const named = process.env['CHROMIUM_PATH'];
  const found = (named === undefined ? PLACES : [named]).find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(`found no Chromium at ${named ?? PLACES.join(', ')}: install it, or name it in CHROMIUM_PATH`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
