/** Frames as headless Chromium itself tells them in a trace: when they were drawn, and which ones were dropped. */
import type { Browser, Page } from 'playwright-core';

export interface Frames {
  /** Drawn in a second, over the whole recording. */
  readonly perSecond: number;
  /** The longest time without a new frame, in milliseconds. */
  readonly longestGapMs: number;
  readonly dropped: number;
}

interface TraceEvent {
  readonly name: string;
  /** In microseconds. */
  readonly ts: number;
}

/** The frames of the browser while something moves all the time; the page must be its only visible one. */
export async function recordFrames(browser: Browser, page: Page, move: () => Promise<void>): Promise<Frames> {
  await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline.frame'] });
  const start = await clockOf(page);
  await move();
  const end = await clockOf(page);
  const trace = JSON.parse((await browser.stopTracing()).toString('utf8')) as { traceEvents: readonly TraceEvent[] };
  const isWithin = ({ ts }: TraceEvent): boolean => ts >= start && ts <= end;
  const events = trace.traceEvents.filter(isWithin);
  const drawn = events.filter(({ name }) => name === 'DrawFrame').map(({ ts }) => ts);
  const times = [start, ...drawn.sort((a, b) => a - b), end];
  const gaps = times.slice(1).map((time, index) => time - times[index]!);
  return {
    perSecond: drawn.length / ((end - start) / 1e6),
    longestGapMs: Math.max(...gaps) / 1e3,
    dropped: events.filter(({ name }) => name === 'DroppedFrame').length,
  };
}

/** The trace's own clock: that of the machine since it started, in microseconds. */
function clockOf(page: Page): Promise<number> {
  return page.evaluate(() => performance.now()).then(() => Number(process.hrtime.bigint() / 1000n));
}
