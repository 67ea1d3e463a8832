/** The training state as tensors of a checkpoint, bit for bit, and back. */
import { openSafetensors } from '../checkpoint/safetensors/safetensorsReader.ts';
import type { TensorToWrite } from '../checkpoint/safetensors/safetensorsWriter.ts';
import { ExpectedError } from '../errors/expected.ts';
import type { TrainingState } from './trainingState.ts';

/** Everything that is trained, in the order of the layout: deltas, or values where parameters are trained as a whole. */
export const STATE_DELTAS = 'deltas';

const NAMES = {
  deltas: STATE_DELTAS,
  firstMoment: 'optimizer.first_moment',
  secondMoment: 'optimizer.second_moment',
} as const;

export function stateTensors(state: TrainingState): readonly TensorToWrite[] {
  const tensor = (name: string, data: Float32Array): TensorToWrite => ({
    name,
    dtype: 'F32',
    shape: [data.length],
    bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  });
  return [
    tensor(NAMES.deltas, state.deltas),
    tensor(NAMES.firstMoment, state.optimizer.firstMoment),
    tensor(NAMES.secondMoment, state.optimizer.secondMoment),
  ];
}

/**
 * Fills `state` from a checkpoint.
 *
 * @throws ExpectedError `training/foreignCheckpoint` where the file holds another number of values
 */
export async function restoreState(file: string, step: number, state: TrainingState): Promise<void> {
  await readArrays(file, [
    [NAMES.deltas, state.deltas],
    [NAMES.firstMoment, state.optimizer.firstMoment],
    [NAMES.secondMoment, state.optimizer.secondMoment],
  ]);
  state.step = step;
}

/**
 * Fills `values` alone, without moments.
 *
 * @throws ExpectedError `training/foreignCheckpoint` where the file holds another number of values
 */
export async function restoreValues(file: string, values: Float32Array): Promise<void> {
  await readArrays(file, [[NAMES.deltas, values]]);
}

async function readArrays(
  file: string,
  arrays: readonly (readonly [name: string, into: Float32Array])[],
): Promise<void> {
  const tensors = await openSafetensors(file);
  try {
    for (const [name, into] of arrays) {
      const entry = tensors.tensors.get(name);
      if (entry?.dtype !== 'F32' || entry.byteLength !== into.byteLength)
        throw foreignCheckpoint(file, name, into.length);
      await tensors.readInto(name, 0, new Uint8Array(into.buffer, into.byteOffset, into.byteLength));
    }
  } finally {
    await tensors.close();
  }
}

function foreignCheckpoint(file: string, tensor: string, count: number): ExpectedError {
  return new ExpectedError(
    'training/foreignCheckpoint',
    `expected F32 values for ${String(count)} trained parameters`,
    'Resume the run that this checkpoint belongs to, with its own configuration.',
    { file, tensor },
  );
}
