/** The vertical axis of a chart: its range for the values in sight, and its tick labels. */
import type { Metric } from '../../../engine/protocol/webview.ts';
import { t } from '../../host/translations.ts';
import type { Range } from '../state/range.ts';

export interface AxisKind {
  readonly isLog: boolean;
  readonly isFromZero: boolean;
}

const MARGIN = 0.06;

/** What is drawn along an axis: `steps` ascending, both of the same length. */
export interface Points {
  readonly steps: Float64Array;
  readonly values: Float64Array;
}

/** The range that shows every finite value whose step is in sight, with a margin. */
export function valueRange(lines: readonly Points[], [from, to]: Range, kind: AxisKind): Range {
  let least = Infinity;
  let most = -Infinity;
  for (const { steps, values } of lines) {
    for (let index = 0; index < steps.length; index++) {
      const value = values[index]!;
      if (steps[index]! < from || steps[index]! > to || !Number.isFinite(value) || (kind.isLog && value <= 0)) continue;
      if (value < least) least = value;
      if (value > most) most = value;
    }
  }
  if (least > most) return kind.isLog ? [0.1, 1] : [0, 1];
  return kind.isLog ? logMargin(least, most) : linearMargin(least, most, kind.isFromZero);
}

function linearMargin(least: number, most: number, isFromZero: boolean): Range {
  const low = isFromZero ? Math.min(0, least) : least;
  const span = most - low || Math.abs(most) || 1;
  const isAtZero = low === 0;
  return [isAtZero ? 0 : low - MARGIN * span, most + MARGIN * span];
}

function logMargin(least: number, most: number): Range {
  const ratio = Math.max(1.2, (most / least) ** MARGIN);
  return [least / ratio, most * ratio];
}

/** Labels of steps, in thousands where all are. */
export function stepTicks(steps: readonly number[]): string[] {
  const isThousands = steps.some((step) => step >= 10_000) && steps.every((step) => step % 1_000 === 0);
  return steps.map((step) => (isThousands && step > 0 ? t('{0} k', step / 1_000) : step.toLocaleString()));
}

/** A tick's label, with the digits that its distance to the next tick needs. */
export function tickText(metric: Metric, value: number, distance: number): string {
  if (metric === 'memoryBytes') return sizeTick(value, distance);
  const size = Math.abs(value);
  if (size >= 1e6) return t('{0} M', trimmed(value / 1e6, distance / 1e6));
  if (size >= 1e4) return t('{0} k', trimmed(value / 1e3, distance / 1e3));
  if (size !== 0 && size < 1e-3)
    return value.toExponential(distance < 0.9 * 10 ** Math.floor(Math.log10(size)) ? 1 : 0);
  return trimmed(value, distance);
}

function sizeTick(value: number, distance: number): string {
  if (value === 0) return '0';
  return value >= 1e9
    ? t('{0} GB', trimmed(value / 1e9, distance / 1e9))
    : t('{0} MB', trimmed(value / 1e6, distance / 1e6));
}

function trimmed(value: number, distance: number): string {
  const digits = distance > 0 ? Math.max(0, Math.ceil(-Math.log10(distance) - 1e-9)) : 0;
  return value.toFixed(Math.min(digits, 6));
}
