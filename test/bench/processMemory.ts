/** Processes of the machine and the memory that is theirs, as Linux tells it; and a browser that tells its own. */
import { readFileSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** Without GPU; pages may talk to the loopback address. */
export function openBrowser(): Promise<Browser> {
  const executablePath = process.env['NEUROADA_CHROMIUM'] ?? '/usr/bin/chromium';
  const features = ['LocalNetworkAccessChecks', 'BlockInsecurePrivateNetworkRequests'];
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', `--disable-features=${features.join(',')}`];
  return chromium.launch({ executablePath, args });
}

/** Pids of the processes that show pages. */
export async function rendererPids(browser: Browser): Promise<number[]> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
}

/** Pids of a process's children. */
export function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text
    .split(' ')
    .filter((part) => part !== '')
    .map(Number);
}

/** Resident memory of a process, in bytes: what is shared with others counts in part (proportional set size). */
export function proportionalBytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const [, kibibytes] = /^Pss:\s*(\d+) kB$/m.exec(text) ?? [];
  if (kibibytes === undefined) throw new Error(`no proportional set size in:\n${text}`);
  return Number(kibibytes) * 1024;
}
