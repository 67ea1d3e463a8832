/** A checkpoint whose matrices take 16 bits, for tests. */
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { roundToF16 } from '../../engine/checkpoint/safetensors/floatConversion.ts';
import { writeSafetensors } from '../../engine/checkpoint/safetensors/safetensorsWriter.ts';

/** Writes the checkpoint `source` anew with its matrices as F16, and the rest as F32. */
export async function writeNarrow(source: string, output: string): Promise<void> {
  const checkpoint = await openCheckpoint(source);
  const tensors = [];
  for (const [name, { entry }] of checkpoint.tensors) {
    const floats = await checkpoint.readFloat32(name);
    const isNarrow = entry.shape.length > 1;
    const elements = isNarrow ? Uint16Array.from(floats, roundToF16) : floats;
    const bytes = new Uint8Array(elements.buffer);
    tensors.push({ name, shape: entry.shape, dtype: isNarrow ? ('F16' as const) : ('F32' as const), bytes });
  }
  await checkpoint.close();
  await mkdir(output);
  await writeSafetensors(join(output, 'model.safetensors'), tensors);
  for (const file of await readdir(source)) {
    if (file.endsWith('.json')) await copyFile(join(source, file), join(output, file));
  }
}
