/** Turns what was typed behind flags into overrides of the configuration. */
import { schemasAt } from '../configuration/expectation.ts';
import { configurationJsonSchema, type JsonSchema } from '../configuration/jsonSchema.ts';
import type { Override } from '../configuration/override.ts';
import { ExpectedError } from '../errors/expected.ts';
import { attributeOf, SET_FLAG, type ConfigurationFlag } from './configurationFlags.ts';

/** What was typed: a text, or texts where the flag may be repeated. */
export type TypedOptions = Readonly<Record<string, unknown>>;

/**
 * @param options as commander gives them
 * @throws ExpectedError `cli/set` where `--set` has no field and value
 */
export function overridesOf(options: TypedOptions, flags: readonly ConfigurationFlag[]): readonly Override[] {
  const schema = configurationJsonSchema();
  const overrides = flags.flatMap(({ flag, field, replaces = [] }) => {
    const typed = options[attributeOf(flag)];
    return typed === undefined ? [] : [{ field, flag, replaces, value: valueOf(typed, field, schema) }];
  });
  const assignments = (options[attributeOf(SET_FLAG)] ?? []) as readonly string[];
  return [...overrides, ...assignments.map((assignment) => overrideOfAssignment(assignment, schema))];
}

function overrideOfAssignment(assignment: string, schema: JsonSchema): Override {
  const [, field, text] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
  if (field === undefined || text === undefined) {
    throw new ExpectedError(
      'cli/set',
      `${SET_FLAG} takes field=value, found ${JSON.stringify(assignment)}`,
      `Write for example ${SET_FLAG} training.schedule=cosine.`,
    );
  }
  return { field, flag: SET_FLAG, value: valueOf(text, field, schema) };
}

function valueOf(typed: unknown, field: string, schema: JsonSchema): unknown {
  if (typeof typed === 'string') return parsedWhereAllowed(typed, schemasAt(schema, field.split('.')));
  const texts = typed as readonly string[];
  return texts.length === 1 ? texts[0] : texts;
}

/** The text itself, unless it is JSON (or a number) of a type that the field takes. */
function parsedWhereAllowed(text: string, schemas: readonly JsonSchema[]): unknown {
  const parsed = parsedJson(text);
  const type = jsonType(parsed);
  const isAllowed = schemas.some((schema) => (schema.type === 'integer' ? 'number' : schema.type) === type);
  return parsed !== undefined && (isAllowed || schemas.length === 0) ? parsed : text;
}

function parsedJson(text: string): unknown {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number)) return number;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function jsonType(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
