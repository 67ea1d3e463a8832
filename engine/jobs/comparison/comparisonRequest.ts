/** What a comparison was asked for, kept in its folder, so that one that was stopped can be gone on with. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ExpectedError } from '../../errors/expected.ts';
import { writeFileAtomically } from '../../files/atomicFile.ts';
import { explainingErrors } from '../../files/systemError.ts';
import { COMPARISON_FILES, COMPARISON_SCHEMA_VERSION, type CompareParams } from '../../protocol/comparison.ts';
import { runConfigurationSchema } from '../../protocol/configuration/configuration.ts';
import { METHODS } from '../../protocol/configuration/methods.ts';

const method = z.enum(METHODS);
const counts = z.array(z.int().positive());

const askedSchema = z.object({
  configuration: runConfigurationSchema,
  methods: z.array(method).min(1),
  seeds: z.array(z.int().nonnegative()).min(1),
  ks: counts,
  methodKs: z.partialRecord(method, counts),
  learningRates: z.partialRecord(method, z.number().positive()),
});
const requestSchema = askedSchema.extend({ schemaVersion: z.literal(COMPARISON_SCHEMA_VERSION) });

export async function writeComparisonRequest({ output, methodKs = {}, ...asked }: CompareParams): Promise<void> {
  const request = { schemaVersion: COMPARISON_SCHEMA_VERSION, ...asked, methodKs };
  await writeFileAtomically(join(output, COMPARISON_FILES.request), `${JSON.stringify(request, undefined, 2)}\n`);
}

/**
 * @param output folder of the comparison
 * @throws ExpectedError `files/…`, `comparison/damagedRequest`
 */
export async function readComparisonRequest(output: string): Promise<CompareParams> {
  const file = join(output, COMPARISON_FILES.request);
  const text = await explainingErrors(file, () => readFile(file, 'utf8'));
  try {
    return { ...askedSchema.parse(requestSchema.parse(JSON.parse(text))), output };
  } catch (error) {
    const fix = 'Compare again with the configuration, and with this folder as output.';
    throw new ExpectedError(
      'comparison/damagedRequest',
      'expected what the comparison was asked for',
      fix,
      { file },
      error,
    );
  }
}
