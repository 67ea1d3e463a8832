/** Values from the command line that take the place of those in the configuration file. */
import { resolve } from 'node:path';

const PATH_FIELDS: ReadonlySet<string> = new Set(['base', 'output', 'data.train', 'data.evaluation', 'questions.data']);

export interface Override {
  /** Field of the configuration, such as `training.epochs`. */
  readonly field: string;
  readonly value: unknown;
  /** How errors name it, such as `--epochs`. */
  readonly flag: string;
  /** Fields that cannot stand beside this one and are dropped from the file. */
  readonly replaces?: readonly string[];
}

/**
 * The configuration with the overrides put in; the given one is not changed.
 * @param folder folder that the overrides' relative paths start from
 */
export function applyOverrides(root: unknown, overrides: readonly Override[], folder: string): unknown {
  let result = root;
  for (const { field, value, replaces = [] } of overrides) {
    for (const replaced of replaces) result = withValue(result, replaced.split('.'), undefined);
    result = withValue(result, field.split('.'), PATH_FIELDS.has(field) ? absolute(value, folder) : value);
  }
  return result;
}

function absolute(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((item) => absolute(item, folder));
  return typeof value === 'string' && value !== '' ? resolve(folder, value) : value;
}

/** Undefined removes the field. What is no object on the way is replaced by one. */
function withValue(root: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const isObject = typeof root === 'object' && root !== null && !Array.isArray(root);
  const copy = Object.assign(Object.create(null) as Record<string, unknown>, isObject ? root : {});
  const inner = withValue(copy[key], rest, value);
  if (inner === undefined) Reflect.deleteProperty(copy, key);
  else copy[key] = inner;
  return copy;
}
