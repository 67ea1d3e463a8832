/** Writes one weight file of the base again, from a merged one: patched back, or rebuilt in the base's types from F32. */
import { open, type FileHandle } from 'node:fs/promises';
import { elementSize } from '../../checkpoint/safetensors/dtype.ts';
import { roundToBF16, roundToF16, widenBF16, widenF16 } from '../../checkpoint/safetensors/floatConversion.ts';
import {
  LENGTH_PREFIX_BYTES,
  parseSafetensorsHeader,
  type TensorEntry,
} from '../../checkpoint/safetensors/safetensorsHeader.ts';
import type { SafetensorsFile } from '../../checkpoint/safetensors/safetensorsReader.ts';
import { CancelledError } from '../../errors/expected.ts';
import { writeExactly } from '../../files/positionalAccess.ts';
import { explainingErrors } from '../../files/systemError.ts';
import { invalidRecord } from './mergeRecord.ts';
import type { FileTask } from './weightFiles.ts';

const CHUNK_BYTES = 4 << 20;

/**
 * Rebuilds the file that was widened.
 * @param header all bytes of the base's file before its tensors, from the merge's record
 * @param recordFile the record's path, for errors
 * @returns how many weights are not of the base's type, so that they were rounded
 */
export async function writeNarrowedFile(task: FileTask, header: Uint8Array, recordFile: string): Promise<number> {
  const tensors = baseTensors(task.file, header, recordFile);
  return explainingErrors(task.target, async () => {
    const handle = await open(task.target, 'wx');
    try {
      await writeExactly(handle, header, 0);
      let rounded = 0;
      for (const entry of tensors) rounded += await writeNarrowed(task, entry, handle);
      return rounded;
    } finally {
      await handle.close();
    }
  });
}

/** The tensors of the base's file; each must stand in the merged one, in its own type or as F32. */
function baseTensors(merged: SafetensorsFile, header: Uint8Array, recordFile: string): readonly TensorEntry[] {
  const json = header.subarray(LENGTH_PREFIX_BYTES);
  const { tensors } = parseSafetensorsHeader(json, header.byteLength + tensorBytes(json), recordFile);
  for (const entry of tensors.values()) {
    const wide = merged.tensors.get(entry.name);
    const isSame = wide?.dtype === entry.dtype || (wide?.dtype === 'F32' && isHalf(entry));
    if (!isSame || wide.shape.join() !== entry.shape.join()) {
      throw invalidRecord(recordFile, `another ${entry.name} than that of the merged model`);
    }
  }
  if (tensors.size !== merged.tensors.size) throw invalidRecord(recordFile, `${tensors.size} tensors`);
  return [...tensors.values()];
}

/** Where the last tensor of a header ends; whether its tensors fill the bytes up to there is checked with the header. */
function tensorBytes(json: Uint8Array): number {
  const ends = new TextDecoder().decode(json).matchAll(/"data_offsets"\s*:\s*\[\s*\d+\s*,\s*(\d+)\s*\]/g);
  return [...ends].reduce((largest, match) => Math.max(largest, Number(match[1])), 0);
}

function isHalf({ dtype }: TensorEntry): boolean {
  return dtype === 'F16' || dtype === 'BF16';
}

async function writeNarrowed(task: FileTask, entry: TensorEntry, handle: FileHandle): Promise<number> {
  const { file, targets, createPatch, onPatched, onBytes, signal } = task;
  const target = targets.find((candidate) => candidate.entry.name === entry.name);
  const patch = target === undefined ? undefined : await createPatch(target);
  const wide = file.tensors.get(entry.name)!;
  let position = entry.position;
  let rounded = 0;
  for (let offset = 0; offset < wide.byteLength; offset += CHUNK_BYTES) {
    if (signal?.aborted === true) throw new CancelledError();
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, wide.byteLength - offset));
    await file.readInto(entry.name, offset, chunk);
    patch?.apply(chunk, chunk, offset / elementSize(wide.dtype));
    const narrowed = wide.dtype === entry.dtype ? { bytes: chunk, rounded: 0 } : narrow(chunk, entry);
    await writeExactly(handle, narrowed.bytes, position);
    position += narrowed.bytes.byteLength;
    rounded += narrowed.rounded;
    onBytes(chunk.byteLength);
  }
  if (patch !== undefined && target !== undefined) onPatched(target, patch.counts());
  return rounded;
}

/** F32 bytes in a 16-bit type, and how many of them are not exactly what they were. */
function narrow(chunk: Uint8Array<ArrayBuffer>, { dtype }: TensorEntry): { bytes: Uint8Array; rounded: number } {
  const wide = new Float32Array(chunk.buffer);
  const narrowed = new Uint16Array(wide.length);
  const again = new Float32Array(wide.length);
  const roundTo = dtype === 'F16' ? roundToF16 : roundToBF16;
  for (let i = 0; i < wide.length; i += 1) narrowed[i] = roundTo(wide[i]!);
  (dtype === 'F16' ? widenF16 : widenBF16)(narrowed, again);
  let rounded = 0;
  for (let i = 0; i < wide.length; i += 1) if (!Object.is(wide[i], again[i])) rounded += 1;
  return { bytes: new Uint8Array(narrowed.buffer), rounded };
}
