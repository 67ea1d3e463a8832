/** Numbers as a person reads them. */

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Decimal units, such as `1.3 GB`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${BYTE_UNITS[unit]!}`;
}

/** Such as `120 ms`, `45 s`, `3 min 20 s`, `2 h 05 min` or `3 d 4 h`. */
export function durationText(durationMs: number): string {
  if (durationMs > 0 && durationMs < 999.5) return `${durationMs.toFixed(0)} ms`;
  const seconds = Math.round(durationMs / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes === 0) return `${String(seconds)} s`;
  if (hours === 0) return `${String(minutes)} min ${twoDigits(seconds % 60)} s`;
  if (hours < 48) return `${String(hours)} h ${twoDigits(minutes % 60)} min`;
  return `${String(Math.floor(hours / 24))} d ${String(hours % 24)} h`;
}

/** With thousands separators: `1,359,872`. */
export function countText(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

/** Three significant digits: `0.0202 %`. */
export function shareText(share: number): string {
  return `${String(Number((share * 100).toPrecision(3)))} %`;
}

/** Such as `850 tok/s` or `12.3k tok/s`. */
export function speedText(tokensPerSecond: number): string {
  if (tokensPerSecond < 999.5) return `${tokensPerSecond.toFixed(0)} tok/s`;
  return `${(tokensPerSecond / 1000).toFixed(1)}k tok/s`;
}

export function lossText(loss: number): string {
  return loss.toFixed(4);
}

/** Compact and never zero for small values: `8.5e-3`, `2.1e-7`. */
export function smallText(value: number): string {
  return value === 0 ? '0' : value.toExponential(1);
}

/** `1 step`, `2 steps`. */
export function counted(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
