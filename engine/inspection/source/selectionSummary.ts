/** `selection.json` as this layer needs it, read from a hostile file. */
import { join } from 'node:path';
import { z } from 'zod';
import { readOptionalText } from '../../checkpoint/smallFile.ts';
import { ExpectedError } from '../../errors/expected.ts';
import { RUN_FILES } from '../../protocol/runs/runFolder.ts';
import { SELECTION_SCHEMA_VERSION } from '../../protocol/runs/selectionStatistics.ts';

const count = z.int().positive();

const summarySchema = z.object({
  schemaVersion: z.literal(SELECTION_SCHEMA_VERSION),
  strategy: z.string(),
  k: count,
  totalParameters: count,
  modules: z.array(z.object({ module: z.string(), rows: count, columns: count })),
});

export type SelectionSummary = z.infer<typeof summarySchema>;

/** @throws ExpectedError `selection/invalidStatistics`, `checkpoint/invalidFile`, `files/…` */
export async function readSelectionSummary(folder: string): Promise<SelectionSummary> {
  const file = join(folder, RUN_FILES.selectionStatistics);
  const text = await readOptionalText(file);
  if (text === undefined)
    throw new ExpectedError('files/ENOENT', 'does not exist', 'Take another copy of the folder.', { file });
  try {
    return summarySchema.parse(JSON.parse(text));
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
