/** Creates a run folder, whole or not at all, and reads the record that says what the run is. */
import { randomUUID } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ExpectedError } from '../errors/expected.ts';
import { writeFileAtomically } from '../files/atomicFile.ts';
import { createFolderAtomically } from '../files/atomicFolder.ts';
import { explainSystemError, systemErrorCode } from '../files/systemError.ts';
import { isTemporaryName } from '../files/temporaryName.ts';
import { runConfigurationSchema } from '../protocol/configuration/configuration.ts';
import { formatEventLine } from '../protocol/runs/eventLine.ts';
import { EVENT_SCHEMA_VERSION } from '../protocol/runs/events.ts';
import { RUN_FILES, RUN_SCHEMA_VERSION, type RunRecord } from '../protocol/runs/runFolder.ts';
import { thisProcess } from './processIdentity.ts';
import { acquireRunLock } from './runLock.ts';
import { formatRunProcess } from './runProcess.ts';

const fingerprintSchema = z.object({ algorithm: z.string(), value: z.string() });

const runRecordSchema = z.object({
  schemaVersion: z.int().positive(),
  id: z.string().min(1),
  name: z.string().min(1),
  createdTime: z.number(),
  productVersion: z.string(),
  configuration: runConfigurationSchema,
  base: z.object({ path: z.string(), modelType: z.string(), fingerprint: fingerprintSchema }),
  data: z.array(z.object({ path: z.string(), fingerprint: fingerprintSchema })),
});

/** What may be in the folder before the run's record is. */
const PREPARATIONS: ReadonlySet<string> = new Set([
  RUN_FILES.request,
  RUN_FILES.control,
  RUN_FILES.log,
  RUN_FILES.lock,
  RUN_FILES.events,
  RUN_FILES.process,
]);

/** What the creator of a run says; the rest of the record is added. */
export type NewRun = Omit<RunRecord, 'schemaVersion' | 'id' | 'createdTime'>;

/**
 * Creates the folder with its record, an event log without events, and this process as the one that drives the run. A
 * folder that holds only what a launcher puts there (a request, a log) becomes the run.
 * @param createdTime milliseconds since the epoch
 * @throws ExpectedError `files/exists`
 */
export async function createRun(runFolder: string, run: NewRun, createdTime: number): Promise<RunRecord> {
  const record: RunRecord = { schemaVersion: RUN_SCHEMA_VERSION, id: randomUUID(), createdTime, ...run };
  if (await isPrepared(runFolder)) {
    await fillPrepared(runFolder, record);
  } else {
    await createFolderAtomically(runFolder, async (folder) => {
      await writeParts(folder, createdTime);
      await writeFile(join(folder, RUN_FILES.record), formatRecord(record));
    });
  }
  return record;
}

/** Whether the folder exists and holds nothing but what comes before a run's record. */
async function isPrepared(runFolder: string): Promise<boolean> {
  try {
    const names = await readdir(runFolder);
    return names.every((name) => PREPARATIONS.has(name) || isTemporaryName(name));
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw explainSystemError(error, runFolder);
  }
}

/** The record comes last: until it is there the folder is no run, and a killed attempt can be made again. */
async function fillPrepared(runFolder: string, record: RunRecord): Promise<void> {
  const release = await acquireRunLock(runFolder, thisProcess(record.createdTime));
  try {
    if (!(await isPrepared(runFolder))) {
      throw new ExpectedError('files/exists', 'is a run already', 'Choose another folder, or resume the run.', {
        file: runFolder,
      });
    }
    await writeParts(runFolder, record.createdTime);
    await writeFileAtomically(join(runFolder, RUN_FILES.record), formatRecord(record));
  } finally {
    await release();
  }
}

async function writeParts(folder: string, createdTime: number): Promise<void> {
  const header = formatEventLine({ type: 'log', schemaVersion: EVENT_SCHEMA_VERSION, time: createdTime });
  await writeFile(join(folder, RUN_FILES.events), header);
  await writeFile(join(folder, RUN_FILES.process), formatRunProcess(thisProcess(createdTime)));
}

function formatRecord(record: RunRecord): string {
  return `${JSON.stringify(record, undefined, 2)}\n`;
}

/**
 * @throws ExpectedError `run/notARun`, `run/newerRun`, `run/damagedRecord`
 */
export async function readRunRecord(runFolder: string): Promise<RunRecord> {
  const file = join(runFolder, RUN_FILES.record);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw unreadableRecord(runFolder, file, error);
  }
  checkSchemaVersion(value, file);
  const result = runRecordSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw damagedRecord(file, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, result.error);
}

function unreadableRecord(runFolder: string, file: string, error: unknown): unknown {
  if (error instanceof SyntaxError) return damagedRecord(file, error.message, error);
  const code = systemErrorCode(error);
  if (code !== 'ENOENT' && code !== 'ENOTDIR') return explainSystemError(error, file);
  return new ExpectedError(
    'run/notARun',
    `expected a run folder with ${RUN_FILES.record}, found none`,
    'Give the folder of a run, such as runs/my-run.',
    { file: runFolder },
    error,
  );
}

function checkSchemaVersion(value: unknown, file: string): void {
  const version = typeof value === 'object' && value !== null && 'schemaVersion' in value ? value.schemaVersion : 0;
  if (typeof version !== 'number' || version <= RUN_SCHEMA_VERSION) return;
  throw new ExpectedError(
    'run/newerRun',
    `the run has schema version ${String(version)}, this product reads up to ${String(RUN_SCHEMA_VERSION)}`,
    'Update NeuroAda to open this run.',
    { file },
  );
}

function damagedRecord(file: string, problem: string, cause: unknown): ExpectedError {
  const fix = 'Restore the file from a copy; without it the run cannot be resumed.';
  return new ExpectedError('run/damagedRecord', problem, fix, { file }, cause);
}
