import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allFields, schemasAt } from '../../engine/configuration/expectation.ts';
import { configurationJsonSchema, configurationJsonSchemaText } from '../../engine/configuration/jsonSchema.ts';

test('the committed schema is up to date (npm run schema writes it)', () => {
  const file = join(import.meta.dirname, '../../media/schema/neuroada.schema.json');
  expect(readFileSync(file, 'utf8')).toBe(configurationJsonSchemaText());
});

test('only base and training data are required', () => {
  const schema = configurationJsonSchema();
  expect(schema.required).toEqual(['base', 'data']);
  expect(schema.properties?.['data']?.required).toEqual(['train']);
  for (const section of ['selection', 'training', 'engine']) {
    expect(schema.properties?.[section]?.required ?? []).toEqual([]);
  }
});

test('every field tells what it is', () => {
  const schema = configurationJsonSchema();
  const fields = allFields(schema);
  expect(fields.length).toBeGreaterThan(40);
  const silent = fields.filter((field) => {
    const parent = schemasAt(schema, field.slice(0, -1))[0];
    return parent?.properties?.[field.at(-1)!]?.description === undefined;
  });
  expect(silent).toEqual([]);
});
