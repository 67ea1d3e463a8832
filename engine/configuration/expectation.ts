/** Says in words what a field of the configuration takes, from the JSON Schema. */
import type { JsonSchema } from './jsonSchema.ts';

const FOUND_LIMIT = 60;

export type FieldPath = readonly (string | number)[];

/** Schemas of the field: several where a union on the way leaves it open. */
export function schemasAt(root: JsonSchema, path: FieldPath): readonly JsonSchema[] {
  let schemas = alternatives(root);
  for (const key of path) schemas = schemas.flatMap((schema) => childSchemas(schema, key)).flatMap(alternatives);
  return schemas;
}

/** Names that an object at the path may have. */
export function fieldNames(root: JsonSchema, path: FieldPath): readonly string[] {
  return schemasAt(root, path).flatMap((schema) => Object.keys(schema.properties ?? {}));
}

/** Paths of all fields, outer ones first. */
export function allFields(root: JsonSchema): readonly (readonly string[])[] {
  const fields: (readonly string[])[] = [];
  for (const [name, schema] of Object.entries(root.properties ?? {})) {
    fields.push([name], ...allFields(schema).map((inner) => [name, ...inner]));
  }
  return fields;
}

/** What the field takes, such as `a whole number above 0 or "auto"`. */
export function expectationAt(root: JsonSchema, path: FieldPath): string {
  return joined(schemasAt(root, path).map(inWords));
}

/** The value as an error names it. */
export function foundInWords(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  if (text.length <= FOUND_LIMIT) return text;
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object';
  return `${text.slice(0, FOUND_LIMIT)}…`;
}

/** `a`, `a or b`, `a, b or c`. */
function joined(items: readonly string[]): string {
  const distinct = [...new Set(items)];
  if (distinct.length <= 1) return distinct.join('');
  return `${distinct.slice(0, -1).join(', ')} or ${distinct.at(-1)!}`;
}

function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf === undefined ? [schema] : schema.anyOf.flatMap(alternatives);
}

function childSchemas(schema: JsonSchema, key: string | number): readonly JsonSchema[] {
  if (typeof key === 'number') return schema.items === undefined ? [] : [schema.items];
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, key)) return [schema.properties[key]!];
  return typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [];
}

function inWords(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return joined(schema.enum.map((value) => JSON.stringify(value)));
  switch (schema.type) {
    case 'object':
      return objectInWords(schema);
    case 'array':
      return schema.items === undefined
        ? 'a list'
        : `a list with each item ${joined(alternatives(schema.items).map(inWords))}`;
    case 'string':
      return schema.minLength === undefined ? 'a string' : 'a string that is not empty';
    case 'integer':
      return `a whole number${rangeInWords(schema)}`;
    case 'number':
      return `a number${rangeInWords(schema)}`;
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'null';
    default:
      return 'a value';
  }
}

function objectInWords(schema: JsonSchema): string {
  const required = schema.required ?? [];
  if (required.length === 0) return 'an object';
  return `an object with ${required.map((name) => JSON.stringify(name)).join(' and ')}`;
}

function rangeInWords(schema: JsonSchema): string {
  const bounds = [
    schema.exclusiveMinimum === undefined ? [] : [`above ${String(schema.exclusiveMinimum)}`],
    schema.minimum === undefined || schema.minimum === Number.MIN_SAFE_INTEGER
      ? []
      : [`of at least ${String(schema.minimum)}`],
    schema.exclusiveMaximum === undefined ? [] : [`below ${String(schema.exclusiveMaximum)}`],
    schema.maximum === undefined ? [] : [`of at most ${String(schema.maximum)}`],
  ].flat();
  return bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`;
}
