/** The engine's server, which first adds a letter to the file that NEUROADA_STARTS names. */
import { appendFileSync } from 'node:fs';

appendFileSync(process.env['NEUROADA_STARTS']!, 'x');
await import('../../../engine/server/main.ts');
