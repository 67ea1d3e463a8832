/** The configurations of several runs side by side, field by field, with the differences marked. */
import type { ComparisonRow } from '../../engine/protocol/webview.ts';

/**
 * Rows in the order in which the fields first appear. What tells where a run lies, not what it does, is left out.
 * @param configurations one per run; undefined where a run's cannot be read
 */
export function compareConfigurations(configurations: readonly (object | undefined)[]): ComparisonRow[] {
  const all = configurations.map((configuration) => flattened(configuration ?? {}));
  const fields = new Set(all.flatMap((fieldValues) => [...fieldValues.keys()]));
  return [...fields].map((field) => {
    const values = all.map((fieldValues) => fieldValues.get(field) ?? null);
    return { field, values, isDifferent: values.some((value) => value !== values[0]) };
  });
}

const LEFT_OUT = new Set(['$schema', 'name', 'output']);

/** Leaves by their path, such as `data.evaluation.share`; a list is one leaf. */
function flattened(configuration: object): Map<string, string> {
  const leaves = new Map<string, string>();
  const visit = (value: unknown, path: string): void => {
    if (LEFT_OUT.has(path) || value === undefined) return;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [name, inner] of Object.entries(value)) visit(inner, path === '' ? name : `${path}.${name}`);
    } else leaves.set(path, leafText(value));
  };
  visit(configuration, '');
  return leaves;
}

function leafText(value: unknown): string {
  if (Array.isArray(value)) return value.map(leafText).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
