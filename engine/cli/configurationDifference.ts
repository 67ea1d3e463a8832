/** Where two configurations of a run differ. */
import type { RunConfiguration } from '../protocol/configuration/configuration.ts';

/** Fields that say nothing of what is trained. */
const NAMES: ReadonlySet<string> = new Set(['$schema', 'name', 'output']);

/** The fields with different values, such as `training.epochs`. */
export function differingFields(a: RunConfiguration, b: RunConfiguration): readonly string[] {
  return fieldsBetween(a, b).filter((field) => !NAMES.has(field));
}

function fieldsBetween(a: unknown, b: unknown, prefix = ''): readonly string[] {
  if (!isSection(a) || !isSection(b)) return JSON.stringify(a) === JSON.stringify(b) ? [] : [prefix];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) => fieldsBetween(a[key], b[key], prefix === '' ? key : `${prefix}.${key}`));
}

function isSection(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
