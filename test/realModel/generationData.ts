/** The official training data in three parts: most of it to train on, and from its end evaluation examples and questions. */
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';

const recordsSchema = z.array(z.record(z.string(), z.unknown()));

/** Writes `count` records each for evaluation and for questions, the others to train, in the form of the source. */
export async function writeGenerationData(
  source: string,
  files: { readonly train: string; readonly evaluation: string; readonly questions: string },
  count: number,
): Promise<void> {
  const records = recordsSchema.parse(JSON.parse(await readFile(source, 'utf8')));
  const write = (file: string, part: typeof records): Promise<void> =>
    writeFile(file, JSON.stringify(part, undefined, 1));
  await write(files.train, records.slice(0, -2 * count));
  await write(files.evaluation, records.slice(-2 * count, -count));
  await write(files.questions, records.slice(-count));
}
