/**
 * The checkpoints of a run: folders `checkpoints/step-000100` that appear whole, with the trainer's tensors, its state,
 * and a checksum that tells a damaged checkpoint from a good one.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { writeSafetensors, type TensorToWrite } from '../checkpoint/safetensors/safetensorsWriter.ts';
import { ExpectedError } from '../errors/expected.ts';
import { createFolderAtomically, removeFolderAtomically } from '../files/atomicFolder.ts';
import { explainingErrors, systemErrorCode } from '../files/systemError.ts';
import { removeTemporaries } from '../files/temporaryName.ts';
import { checkpointName, RUN_FILES } from '../protocol/runs/runFolder.ts';

const CHECKPOINT_FILES = { tensors: 'state.safetensors', state: 'state.json' } as const;
const CHECKPOINT_SCHEMA_VERSION = 1;
const CHECKPOINT_NAME = /^step-(\d{6,15})$/;

const stateSchema = z.object({
  schemaVersion: z.literal(CHECKPOINT_SCHEMA_VERSION),
  step: z.int().nonnegative(),
  tensors: z.object({ sizeBytes: z.int().nonnegative(), sha256: z.string() }),
  state: z.record(z.string(), z.json()),
});

/** What the trainer needs, beyond tensors, to go on as if never stopped. Numbers must be finite. */
export type TrainerState = z.infer<typeof stateSchema>['state'];

export interface NewCheckpoint {
  readonly step: number;
  readonly tensors: readonly TensorToWrite[];
  readonly state: TrainerState;
}

export interface LoadedCheckpoint {
  readonly step: number;
  readonly tensorsFile: string;
  readonly state: TrainerState;
}

/**
 * Writes a checkpoint. One that exists already is kept: the same step of the same run has the same state.
 * @returns its path relative to the run folder, with forward slashes
 */
export async function saveCheckpoint(runFolder: string, checkpoint: NewCheckpoint): Promise<string> {
  const path = `${RUN_FILES.checkpoints}/${checkpointName(checkpoint.step)}`;
  const steps = await listCheckpointSteps(runFolder);
  if (steps.includes(checkpoint.step)) return path;
  await createFolderAtomically(join(runFolder, path), async (folder) => {
    const tensorsFile = join(folder, CHECKPOINT_FILES.tensors);
    await writeSafetensors(tensorsFile, checkpoint.tensors);
    const state: z.infer<typeof stateSchema> = {
      schemaVersion: CHECKPOINT_SCHEMA_VERSION,
      step: checkpoint.step,
      tensors: await checksum(tensorsFile),
      state: checkpoint.state,
    };
    await writeFile(join(folder, CHECKPOINT_FILES.state), `${JSON.stringify(state)}\n`);
  });
  return path;
}

/** Steps that have a checkpoint, ascending; damaged ones included. */
export async function listCheckpointSteps(runFolder: string): Promise<readonly number[]> {
  let names: string[];
  try {
    names = await readdir(join(runFolder, RUN_FILES.checkpoints));
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
  return names
    .map(stepOfCheckpoint)
    .filter((step) => step !== undefined)
    .sort((a, b) => a - b);
}

/** The step of a checkpoint folder's name; undefined for other names. */
export function stepOfCheckpoint(name: string): number | undefined {
  const digits = CHECKPOINT_NAME.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The file of a checkpoint's tensors. */
export function checkpointTensorsFile(runFolder: string, step: number): string {
  return join(runFolder, RUN_FILES.checkpoints, checkpointName(step), CHECKPOINT_FILES.tensors);
}

/**
 * The newest checkpoint that is in good order, and the errors of newer ones that are not.
 */
export async function newestCheckpoint(
  runFolder: string,
): Promise<{ checkpoint: LoadedCheckpoint | undefined; damaged: readonly ExpectedError[] }> {
  const damaged: ExpectedError[] = [];
  for (const step of (await listCheckpointSteps(runFolder)).toReversed()) {
    try {
      return { checkpoint: await loadCheckpoint(runFolder, step), damaged };
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error;
      damaged.push(error);
    }
  }
  return { checkpoint: undefined, damaged };
}

/** Removes all but the newest `keep` checkpoints and those of the steps in `alsoKeep`. */
export async function pruneCheckpoints(
  runFolder: string,
  keep: number,
  alsoKeep: ReadonlySet<number> = new Set(),
): Promise<void> {
  const steps = await listCheckpointSteps(runFolder);
  await removeSteps(
    runFolder,
    steps.slice(0, -keep).filter((step) => !alsoKeep.has(step)),
  );
}

/** Removes the checkpoints of steps that the resumed run trains anew. */
export async function discardCheckpointsAfter(runFolder: string, step: number): Promise<void> {
  const steps = await listCheckpointSteps(runFolder);
  await removeSteps(
    runFolder,
    steps.filter((later) => later > step),
  );
}

/** Removes what a killed process left of checkpoints; only for the process that drives the run. */
export async function removeUnfinishedCheckpoints(runFolder: string): Promise<void> {
  const folder = join(runFolder, RUN_FILES.checkpoints);
  await explainingErrors(folder, async () => {
    await mkdir(folder, { recursive: true });
    await removeTemporaries(folder);
  });
}

async function removeSteps(runFolder: string, steps: readonly number[]): Promise<void> {
  for (const step of steps) await removeFolderAtomically(join(runFolder, RUN_FILES.checkpoints, checkpointName(step)));
}

async function loadCheckpoint(runFolder: string, step: number): Promise<LoadedCheckpoint> {
  const folder = join(runFolder, RUN_FILES.checkpoints, checkpointName(step));
  const file = join(folder, CHECKPOINT_FILES.state);
  const text = await explainingErrors(file, () => readFile(file, 'utf8'));
  const parsed = parseState(text, file);
  const tensorsFile = join(folder, CHECKPOINT_FILES.tensors);
  const found = await explainingErrors(tensorsFile, () => checksum(tensorsFile));
  if (parsed.step !== step) throw damagedCheckpoint(file, `expected step ${step}, found step ${parsed.step}`);
  if (found.sizeBytes !== parsed.tensors.sizeBytes || found.sha256 !== parsed.tensors.sha256) {
    throw damagedCheckpoint(tensorsFile, 'the content differs from its checksum');
  }
  return { step, tensorsFile, state: parsed.state };
}

function parseState(text: string, file: string): z.infer<typeof stateSchema> {
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch (error) {
    throw damagedCheckpoint(file, 'expected the state of a checkpoint', error);
  }
}

async function checksum(file: string): Promise<{ sizeBytes: number; sha256: string }> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return { sizeBytes: (await stat(file)).size, sha256: hash.digest('hex') };
}

function damagedCheckpoint(file: string, problem: string, cause?: unknown): ExpectedError {
  return new ExpectedError('run/damagedCheckpoint', problem, 'Resume from an earlier checkpoint.', { file }, cause);
}
