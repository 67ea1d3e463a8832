/** The classifier that was trained beside an adapter: every tensor of it, as the merged checkpoint will have them. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { openSafetensors } from '../checkpoint/safetensors/safetensorsReader.ts';
import { writeSafetensors } from '../checkpoint/safetensors/safetensorsWriter.ts';
import { ExpectedError } from '../errors/expected.ts';
import { ADAPTER_FILES } from '../protocol/runs/runFolder.ts';

export interface HeadTensor {
  /** The checkpoint's name. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface TrainedClassifier {
  readonly problem: 'classification' | 'regression';
  /** Names of the outputs, by number. */
  readonly labels: readonly string[];
  readonly tensors: readonly HeadTensor[];
}

const aboutSchema = z.object({
  schema_version: z.literal('1'),
  problem: z.enum(['classification', 'regression']),
  labels: z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'labels are no JSON' });
        return z.NEVER;
      }
    })
    .pipe(z.array(z.string()).min(1)),
});

/** Writes or replaces the classifier in an adapter's folder. */
export async function writeHeadFile(folder: string, { problem, labels, tensors }: TrainedClassifier): Promise<void> {
  const written = tensors.map(({ name, shape, values }) => ({
    ...({ name, dtype: 'F32', shape } as const),
    bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  }));
  const about = { format: 'pt', schema_version: '1', problem, labels: JSON.stringify(labels) };
  await writeSafetensors(join(folder, ADAPTER_FILES.head), written, about);
}

/**
 * The classifier in an adapter's folder; undefined where there is none.
 * @throws ExpectedError `adapter/invalidHead`, `checkpoint/corruptHeader`, `files/…`
 */
export async function readHeadFile(folder: string): Promise<TrainedClassifier | undefined> {
  const path = join(folder, ADAPTER_FILES.head);
  if (!(await exists(path))) return undefined;
  const file = await openSafetensors(path);
  try {
    const about = aboutSchema.safeParse(Object.fromEntries(file.metadata));
    if (!about.success) throw invalidHead(path, about.error.issues[0]?.message ?? 'not a classifier');
    const tensors: HeadTensor[] = [];
    for (const { name, dtype, shape } of file.tensors.values()) {
      if (dtype !== 'F32') throw invalidHead(path, `expected F32 values, found ${dtype}`, name);
      const { buffer, byteOffset, byteLength } = await file.read(name);
      const values = new Float32Array(buffer, byteOffset, byteLength / 4);
      if (!values.every((value) => Number.isFinite(value))) throw invalidHead(path, 'expected finite numbers', name);
      tensors.push({ name, shape, values });
    }
    return { problem: about.data.problem, labels: about.data.labels, tensors };
  } finally {
    await file.close();
  }
}

/**
 * The classifier that one of the adapters has; undefined where none does.
 * @throws ExpectedError `adapter/twoClassifiers` where several have one
 */
export async function classifierAmong(folders: readonly string[]): Promise<TrainedClassifier | undefined> {
  let found: TrainedClassifier | undefined;
  for (const folder of folders) {
    const classifier = await readHeadFile(folder);
    if (classifier === undefined) continue;
    if (found !== undefined) {
      throw new ExpectedError(
        'adapter/twoClassifiers',
        'an adapter before it has a classifier too, and a model has one only',
        'Merge adapters that were trained with a classifier one at a time.',
        { file: join(folder, ADAPTER_FILES.head) },
      );
    }
    found = classifier;
  }
  return found;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function invalidHead(file: string, problem: string, tensor?: string): ExpectedError {
  const place = tensor === undefined ? { file } : { file, tensor };
  return new ExpectedError('adapter/invalidHead', problem, 'Take another copy of the adapter.', place);
}
