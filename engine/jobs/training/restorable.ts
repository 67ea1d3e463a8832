/** The checkpoint that a run goes on from, with how it executed. */
import { z } from 'zod';
import { PRECISIONS, WEIGHT_STORAGES } from '../../protocol/configuration/configuration.ts';
import type { LossScale } from '../../training/optimization/lossScale.ts';
import type { SettledExecution } from '../preparation/execution.ts';
import type { TrainerState } from '../../run/checkpointStore.ts';
import type { RunSession } from '../../run/runSession.ts';

/** What a checkpoint keeps beside the tensors: how the run executes, and loss and loss scale of its last step. */
const savedStateSchema = z.object({
  execution: z.object({
    device: z.enum(['cpu', 'webgpu', 'cuda', 'directml']),
    threads: z.int().positive(),
    plan: z.union([
      z.object({
        plan: z.literal('layered'),
        savedActivations: z.enum(['none', 'attention', 'all']),
        // Checkpoints of versions that knew nothing else lack it.
        weights: z.enum(WEIGHT_STORAGES).default('float32'),
        attention: z.enum(['whole', 'blocked']).default('whole'),
        precision: z.enum(PRECISIONS).default('float32'),
      }),
      z.object({ plan: z.literal('wholeGraph'), headChunks: z.int().positive() }),
    ]),
    microBatchSize: z.int().positive(),
    predictedPeakBytes: z.number(),
    reasons: z.array(z.string()),
  }),
  loss: z.number(),
  lossScale: z.object({ scale: z.number().positive(), goodSteps: z.int().nonnegative() }).optional(),
});

/** The same, to be kept. */
export function savedState(execution: SettledExecution, loss: number, lossScale: LossScale | undefined): TrainerState {
  const kept = { execution: { ...execution, reasons: [...execution.reasons] }, loss };
  return lossScale === undefined ? kept : { ...kept, lossScale: { ...lossScale } };
}

/** A checkpoint to go on from. */
export interface Restorable {
  readonly tensorsFile: string;
  readonly step: number;
  readonly saved: z.output<typeof savedStateSchema>;
}

/** The newest checkpoint; undefined where the run starts anew. */
export async function restorable(session: RunSession): Promise<Restorable | undefined> {
  const checkpoint = await session.resume();
  if (checkpoint === undefined) return undefined;
  const { tensorsFile, step } = checkpoint;
  return { tensorsFile, step, saved: savedStateSchema.parse(checkpoint.state) };
}
