/**
 * `neuroada_merge.json` in a merged folder: what was merged, and where files were rewritten (not only patched) the
 * originals of what was replaced, so that the base can be restored byte for byte.
 */
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import { z } from 'zod';
import { HEADER_LIMIT_BYTES, LENGTH_PREFIX_BYTES } from '../../checkpoint/safetensors/safetensorsHeader.ts';
import type { SafetensorsFile } from '../../checkpoint/safetensors/safetensorsReader.ts';
import { ExpectedError } from '../../errors/expected.ts';
import { writeFileAtomically } from '../../files/atomicFile.ts';
import { readExactly } from '../../files/positionalAccess.ts';
import { explainingErrors, systemErrorCode } from '../../files/systemError.ts';

export const MERGE_RECORD_FILE = 'neuroada_merge.json';

const MERGE_RECORD_VERSION = 1;

/** Headers are at most 100 MB, and shrink; a larger record is none of ours. */
const SIZE_LIMIT_BYTES = 256 << 20;

const recordSchema = z.object({
  schema_version: z.literal(MERGE_RECORD_VERSION),
  base_fingerprint: z.object({ algorithm: z.string(), value: z.string() }),
  /** Whether the weights were converted to F32. */
  is_widened: z.boolean(),
  adapters: z.array(
    z.object({ strategy: z.string(), k: z.number(), trainable_parameters: z.number(), neuroada_version: z.string() }),
  ),
  /** Whether a trained classifier was added, which cannot be taken out again. */
  has_classifier: z.boolean().default(false),
  /** Whether the merged model has a card of its own; the base's then stands beside it. */
  has_card: z.boolean().default(false),
  /** Per file name, deflated and in base64: the base's header of a weight file, or the base's whole text file. */
  replaced: z.record(z.string(), z.string()),
});

export type MergeRecord = z.output<typeof recordSchema>;

export async function writeMergeRecord(folder: string, record: Omit<MergeRecord, 'schema_version'>): Promise<void> {
  const text = JSON.stringify({ schema_version: MERGE_RECORD_VERSION, ...record }, null, 2);
  await writeFileAtomically(join(folder, MERGE_RECORD_FILE), `${text}\n`);
}

/**
 * The record, or undefined where the folder has none.
 * @throws ExpectedError `merge/invalidRecord`
 */
export async function readMergeRecord(folder: string): Promise<MergeRecord | undefined> {
  const file = join(folder, MERGE_RECORD_FILE);
  try {
    const { size } = await stat(file);
    if (size > SIZE_LIMIT_BYTES) throw invalidRecord(file, `${size} bytes`);
    const parsed = recordSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    if (parsed.success) return parsed.data;
    throw invalidRecord(file, parsed.error.issues[0]?.message ?? 'not a record', parsed.error);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    if (error instanceof SyntaxError) throw invalidRecord(file, error.message, error);
    throw error;
  }
}

/** The error for a record that is not as a merge writes it. */
export function invalidRecord(file: string, problem: string, cause?: unknown): ExpectedError {
  return new ExpectedError(
    'merge/invalidRecord',
    `expected the record of a merge, found ${problem}`,
    'Take another copy of the merged folder.',
    { file },
    cause,
  );
}

/** Bytes as the record keeps them. */
export function packBytes(bytes: Uint8Array): string {
  return deflateSync(bytes).toString('base64');
}

/**
 * @param file the record's
 * @throws ExpectedError `merge/invalidRecord`
 */
export function unpackBytes(packed: string, file: string): Uint8Array {
  try {
    return inflateSync(Buffer.from(packed, 'base64'), { maxOutputLength: HEADER_LIMIT_BYTES + LENGTH_PREFIX_BYTES });
  } catch (error) {
    throw invalidRecord(file, 'bytes that cannot be unpacked', error);
  }
}

/** All bytes of a weight file before its tensors. */
export async function readHeaderBytes({ path, dataStart }: SafetensorsFile): Promise<Uint8Array> {
  return explainingErrors(path, async () => {
    const handle = await open(path, 'r');
    try {
      const bytes = new Uint8Array(dataStart);
      await readExactly(handle, bytes, 0, path);
      return bytes;
    } finally {
      await handle.close();
    }
  });
}
