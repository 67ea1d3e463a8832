/** Turns zod's issues into faults: one field, one message, with the name that a mistyped field most likely means. */
import type { z } from 'zod';
import { allFields, expectationAt, fieldNames, foundInWords, type FieldPath } from './expectation.ts';
import type { JsonSchema } from './jsonSchema.ts';
import { isSameName, nearestName } from './nearestName.ts';

export interface Fault {
  readonly path: FieldPath;
  readonly message: string;
  /** The key itself is at fault, not its value. */
  readonly isKey?: boolean;
  /** The field does not exist. */
  readonly isMissing?: boolean;
  /** The field that an unknown one most likely stands for. */
  readonly meant?: string;
}

type Issue = z.core.$ZodIssue;

/** @param value the configuration that the issues are about */
export function faultsOf(issues: readonly Issue[], value: unknown, schema: JsonSchema): readonly Fault[] {
  const faults = issues.flatMap((issue) => faultsOfIssue(issue, issue.path as FieldPath, value, schema));
  const meant = new Set(faults.map((fault) => fault.meant));
  return faults.filter((fault) => fault.isMissing !== true || !meant.has(fieldText(fault.path)));
}

/** Such as `data.train[1]`. */
export function fieldText(path: FieldPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${String(key)}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

/** The value at the path; undefined where there is none. */
function valueAt(root: unknown, path: FieldPath): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

function faultsOfIssue(issue: Issue, path: FieldPath, root: unknown, schema: JsonSchema): readonly Fault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownField([...path, key], schema));
  }
  if (issue.code === 'custom') return [{ path, message: issue.message }];
  const branch = issue.code === 'invalid_union' ? likelyBranch(issue.errors) : undefined;
  if (branch !== undefined) {
    return branch.flatMap((inner) => faultsOfIssue(inner, [...path, ...(inner.path as FieldPath)], root, schema));
  }
  const found = valueAt(root, path);
  const expected = expectationAt(schema, path);
  if (found === undefined) return [{ path, message: `missing; expected ${expected}`, isMissing: true }];
  return [{ path, message: `expected ${expected}, found ${foundInWords(found)}` }];
}

/** Of a union's alternatives the one that the value comes closest to; undefined where it has the type of none. */
function likelyBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const fitting = branches.filter((issues) =>
    issues.every((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys'),
  );
  return fitting.toSorted((a, b) => a.length - b.length)[0];
}

function unknownField(path: FieldPath, schema: JsonSchema): Fault {
  const parent = path.slice(0, -1);
  const key = String(path.at(-1));
  const names = fieldNames(schema, parent);
  const sibling = nearestName(key, names);
  const elsewhere = allFields(schema).find((field) => isSameName(field.at(-1)!, key));
  const meant = sibling === undefined ? elsewhere : [...parent, sibling];
  const hint =
    meant === undefined ? `known here: ${names.join(', ')}` : `did you mean "${sibling ?? fieldText(meant)}"?`;
  const fault = { path, message: `unknown field; ${hint}`, isKey: true };
  return meant === undefined ? fault : { ...fault, meant: fieldText(meant) };
}
