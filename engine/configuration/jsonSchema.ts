/** The JSON Schema of `*.neuroada.json` files, generated from the zod schema. */
import { z } from 'zod';
import { runConfigurationSchema } from '../protocol/configuration/configuration.ts';

/** The part of JSON Schema (draft 7) that the generator uses. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null';
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
}

/** The schema of what a person writes: fields with a default may be left out. */
export function configurationJsonSchema(): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(runConfigurationSchema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  }) as JsonSchema;
  const description = 'What to fine-tune, on what data and how.';
  return { ...($schema === undefined ? {} : { $schema }), title: 'NeuroAda run configuration', description, ...schema };
}

/** The text of the committed schema file. */
export function configurationJsonSchemaText(): string {
  return `${JSON.stringify(configurationJsonSchema(), undefined, 2)}\n`;
}
