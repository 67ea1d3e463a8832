/** `selection.json` as this layer needs it, read from a hostile file. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ExpectedError } from '../../errors/expected.ts';
import { readExactly } from '../../files/positionalAccess.ts';
import { explainingErrors } from '../../files/systemError.ts';
import { RUN_FILES } from '../../protocol/runFolder.ts';
import { SELECTION_SCHEMA_VERSION } from '../../protocol/selectionStatistics.ts';

/** A selection of 10,000 modules takes a twentieth. */
const SIZE_LIMIT_BYTES = 64 << 20;

const count = z.int().positive();

const summarySchema = z.object({
  schemaVersion: z.literal(SELECTION_SCHEMA_VERSION),
  strategy: z.string(),
  k: count,
  totalParameters: count,
  modules: z.array(z.object({ module: z.string(), rows: count, columns: count })),
});

export type SelectionSummary = z.infer<typeof summarySchema>;

/** @throws ExpectedError `selection/invalidStatistics`, `files/…` */
export async function readSelectionSummary(folder: string): Promise<SelectionSummary> {
  const file = join(folder, RUN_FILES.selectionStatistics);
  try {
    return summarySchema.parse(JSON.parse(await readBounded(file)));
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof z.ZodError)) throw error;
    const problem = error instanceof z.ZodError ? issueText(error) : `expected JSON: ${error.message}`;
    const fix = 'The file is damaged, or of another version of NeuroAda: take another copy of it.';
    throw new ExpectedError('selection/invalidStatistics', problem, fix, { file }, error);
  }
}

function issueText({ issues: [issue] }: z.ZodError): string {
  return issue === undefined ? 'not the statistics of a selection' : `${issue.path.join('.')}: ${issue.message}`;
}

async function readBounded(file: string): Promise<string> {
  return explainingErrors(file, async () => {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      if (size > SIZE_LIMIT_BYTES) {
        const problem = `expected at most ${SIZE_LIMIT_BYTES} bytes, found ${size}`;
        throw new ExpectedError('selection/invalidStatistics', problem, 'Take another copy of it.', { file });
      }
      const bytes = new Uint8Array(size);
      await readExactly(handle, bytes, 0, file);
      return new TextDecoder().decode(bytes);
    } finally {
      await handle.close();
    }
  });
}
