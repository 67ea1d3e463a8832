/** `process.json`: which engine process drives a run now. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ExpectedError } from '../errors/expected.ts';
import { writeFileAtomically } from '../files/atomicFile.ts';
import { explainSystemError, systemErrorCode } from '../files/systemError.ts';
import { RUN_FILES, type RunProcess } from '../protocol/runs/runFolder.ts';

const runProcessSchema = z.object({
  pid: z.int().positive(),
  host: z.string(),
  startedTime: z.number(),
  identity: z.string().exactOptional(),
  address: z.string().exactOptional(),
});

export async function writeRunProcess(runFolder: string, record: RunProcess): Promise<void> {
  await writeFileAtomically(join(runFolder, RUN_FILES.process), formatRunProcess(record));
}

export async function removeRunProcess(runFolder: string): Promise<void> {
  await rm(join(runFolder, RUN_FILES.process), { force: true });
}

/**
 * The record of the process that drives, or drove, the run; undefined where none does.
 * @throws ExpectedError `run/damagedProcess`
 */
export async function readRunProcess(runFolder: string): Promise<RunProcess | undefined> {
  return readProcessFile(join(runFolder, RUN_FILES.process));
}

/** Reads a process record of any name; see `readRunProcess`. */
export async function readProcessFile(file: string): Promise<RunProcess | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw explainSystemError(error, file);
  }
  try {
    return runProcessSchema.parse(JSON.parse(text));
  } catch (error) {
    const fix = 'Make sure that no engine process drives this run, then delete the file.';
    throw new ExpectedError('run/damagedProcess', 'expected a process record', fix, { file }, error);
  }
}

export function formatRunProcess(record: RunProcess): string {
  return `${JSON.stringify(record, undefined, 2)}\n`;
}
