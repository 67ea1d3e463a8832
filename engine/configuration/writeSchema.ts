/** Writes media/schema/neuroada.schema.json, which VS Code completes and checks configurations with. */
import { join } from 'node:path';
import { writeFileAtomically } from '../files/atomicFile.ts';
import { configurationJsonSchemaText } from './jsonSchema.ts';

const SCHEMA_FILE = join(import.meta.dirname, '../../media/schema/neuroada.schema.json');

await writeFileAtomically(SCHEMA_FILE, configurationJsonSchemaText());
