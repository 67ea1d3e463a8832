/** The training state as tensors of a checkpoint, bit for bit, and back. */
import { openSafetensors } from '../checkpoint/safetensorsReader.ts';
import type { TensorToWrite } from '../checkpoint/safetensorsWriter.ts';
import { ExpectedError } from '../errors/expected.ts';
import type { TrainingState } from './trainer.ts';

/** The deltas of all modules, in the order of `DeltaLayout`. */
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
 * @throws ExpectedError `training/foreignCheckpoint` where the file holds another number of deltas
 */
export async function restoreState(file: string, step: number, state: TrainingState): Promise<void> {
  const tensors = await openSafetensors(file);
  try {
    for (const [name, into] of [
      [NAMES.deltas, state.deltas],
      [NAMES.firstMoment, state.optimizer.firstMoment],
      [NAMES.secondMoment, state.optimizer.secondMoment],
    ] as const) {
      const entry = tensors.tensors.get(name);
      if (entry?.dtype !== 'F32' || entry.byteLength !== into.byteLength)
        throw foreignCheckpoint(file, name, into.length);
      await tensors.readInto(name, 0, new Uint8Array(into.buffer, into.byteOffset, into.byteLength));
    }
    state.step = step;
  } finally {
    await tensors.close();
  }
}

function foreignCheckpoint(file: string, tensor: string, count: number): ExpectedError {
  return new ExpectedError(
    'training/foreignCheckpoint',
    `expected F32 values for ${String(count)} selected connections`,
    'Resume the run that this checkpoint belongs to, with its own configuration.',
    { file, tensor },
  );
}
