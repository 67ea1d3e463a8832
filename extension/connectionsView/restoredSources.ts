/** The sources in what a webview kept: another version of the extension may have written it. */
import type { ConnectionSource, RunMoment } from '../../engine/protocol/connections/connectionSource.ts';

/** One source, or two that are compared. */
export type ShownSources = readonly [ConnectionSource, ConnectionSource?];

/** Undefined where there are none, or none that can be understood. */
export function restoredSources(state: unknown): ShownSources | undefined {
  const fields = fieldsOf(state);
  const sources = fields['version'] === 1 ? fields['sources'] : undefined;
  if (!Array.isArray(sources)) return undefined;
  const [first, second] = sources.map(restoredSource);
  if (first === undefined) return undefined;
  return second === undefined ? [first] : [first, second];
}

function restoredSource(value: unknown): ConnectionSource | undefined {
  const { kind, folder, at, k, strategy } = fieldsOf(value);
  if (typeof folder !== 'string') return undefined;
  switch (kind) {
    case 'run':
      return isMoment(at) ? { kind, folder, at } : undefined;
    case 'adapter':
    case 'selection':
      return { kind, folder };
    case 'checkpoint':
      if (typeof k !== 'number' || (strategy !== 'magnitude' && strategy !== 'reverse')) return undefined;
      return { kind, folder, k, strategy };
    default:
      return undefined;
  }
}

function isMoment(value: unknown): value is RunMoment | 'newest' {
  return typeof value === 'number' || value === 'selection' || value === 'adapter' || value === 'newest';
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
