/**
 * Trains a checkpoint for a few steps in a process of its own, so that its memory can be told: prints the peak of its
 * resident memory in bytes and the milliseconds of every step but the first.
 */
import { parseArgs } from 'node:util';
import { openCheckpoint } from '../../../engine/checkpoint/checkpoint.ts';
import { openWeights } from '../../../engine/jobs/preparation/weightLoading.ts';
import { decoderOnly } from '../../../engine/model/weights/anyWeights.ts';
import type { WeightStorage } from '../../../engine/protocol/configuration/configuration.ts';
import type { SavedActivations } from '../../../engine/model/layerGraphs.ts';
import type { AttentionKind } from '../../../engine/model/layerInputs.ts';
import { processMemory } from '../../../engine/runtime/memory.ts';
import { effectiveWeights } from '../../../engine/training/plans/effectiveWeights.ts';
import { createHostStepper } from '../../../engine/training/hostStepper.ts';
import { createLayeredPlan } from '../../../engine/training/plans/layeredPlan.ts';
import { createParameterUpdate } from '../../../engine/training/plans/parameterUpdate.ts';
import { train } from '../../../engine/training/trainer.ts';
import { initialState } from '../../../engine/training/trainingState.ts';
import { benchExamples, benchLayout, BENCH_OPTIONS, LENGTH, ROWS } from '../smolModel.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    saved: { type: 'string' },
    k: { type: 'string' },
    steps: { type: 'string' },
    weights: { type: 'string', default: 'float32' },
    attention: { type: 'string', default: 'whole' },
    rows: { type: 'string', default: String(ROWS) },
    length: { type: 'string', default: String(LENGTH) },
  },
});
const checkpoint = await openCheckpoint(positionals[0] ?? '');
const opened = await openWeights(checkpoint, values.weights as WeightStorage);
const weights = decoderOnly(opened, checkpoint.folder, 'this bench');
const layout = benchLayout(weights.config, Number(values.k));
const options = { ...BENCH_OPTIONS, attention: values.attention as AttentionKind };
const plan = await createLayeredPlan(weights, layout, options, values.saved as SavedActivations);
const [rows, length] = [Number(values.rows), Number(values.length)];
const totalSteps = Number(values.steps);
const stepMs: number[] = [];
await train(
  {
    stepper: createHostStepper(plan, effectiveWeights(weights, layout), createParameterUpdate(layout)),
    examples: benchExamples(rows, length, weights.config.vocabularySize),
    padTokenId: 0,
    maxLength: length,
    batchSize: rows,
    microBatchSize: rows,
    batching: 'shuffled',
    seed: 42,
    maxGradNorm: 1,
    optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
    schedule: { kind: 'constant', peak: 1e-4, warmupSteps: 0, totalSteps },
  },
  initialState(layout.size),
  (measures) => {
    stepMs.push(measures.stepMs);
    return Promise.resolve(true);
  },
);
await plan.release();
await checkpoint.close();
process.stdout.write(JSON.stringify({ peakBytes: processMemory().peakBytes, stepMs: stepMs.slice(1) }));
