/**
 * The training loop: gradients of a batch, clipping, one AdamW step on the deltas, and what is due after it. What a step
 * does depends on nothing but the setup and the state, so a run that goes on from a saved state repeats the same numbers.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { planEpoch, splitMicroBatches, stepsPerEpoch, type Batch } from '../data/batches/epochPlan.ts';
import { collate, type MicroBatch } from '../data/batches/microBatch.ts';
import type { TokenizedExample } from '../data/tokenization.ts';
import { ExpectedError } from '../errors/expected.ts';
import type { Precision } from '../protocol/configuration/configuration.ts';
import type { AdamWOptions } from './optimization/adamW.ts';
import { learningRateAt, type Schedule } from './optimization/learningRate.ts';
import type { Stepper } from './stepper.ts';
import type { TrainingState } from './trainingState.ts';

/** Everything that is fixed for a run. */
export interface TrainingSetup {
  readonly stepper: Stepper;
  readonly examples: readonly TokenizedExample[];
  readonly padTokenId: number;
  /** Longest row in tokens, for packing. */
  readonly maxLength: number;
  readonly batchSize: number;
  /** Rows that go through the model at once. */
  readonly microBatchSize: number;
  readonly batching: 'lengthSorted' | 'packed' | 'shuffled';
  readonly seed: number;
  readonly schedule: Schedule;
  readonly optimizer: AdamWOptions;
  /** Null where gradients are not clipped. */
  readonly maxGradNorm: number | null;
  /** What matrices and their products are computed in; float32 where absent. */
  readonly precision?: Precision;
}

/** What a step measured. */
export interface StepMeasures {
  readonly step: number;
  /** Steps so far in epochs: 1.5 is the middle of the second. */
  readonly epoch: number;
  /** Mean over the labels of the batch, in nats, before the update. */
  readonly loss: number;
  readonly learningRate: number;
  /** Before clipping. */
  readonly gradNorm: number;
  /** Tokens without padding, and those that carried a label. */
  readonly tokens: number;
  readonly labelTokens: number;
  readonly stepMs: number;
}

/**
 * Takes steps until the schedule's last, or until `afterStep` says to stop.
 *
 * @param state where to begin; its step advances, its arrays change when the stepper is told to save
 * @param afterStep called after every step; returns whether to go on
 * @throws ExpectedError `training/notFinite`; the stepper's deltas are then the last ones that gave a finite loss
 */
export async function train(
  setup: TrainingSetup,
  state: TrainingState,
  afterStep: (measures: StepMeasures) => Promise<boolean>,
): Promise<void> {
  const lengths = Int32Array.from(setup.examples, (example) => example.tokens.length);
  const perEpoch = stepsPerEpoch(lengths.length, setup.batchSize);
  let epoch = -1;
  let batches: readonly Batch[] = [];
  await setup.stepper.load(state);
  while (state.step < setup.schedule.totalSteps) {
    const nextEpoch = Math.floor(state.step / perEpoch);
    if (nextEpoch !== epoch) {
      epoch = nextEpoch;
      batches = planEpoch(lengths, { ...setup, epoch });
    }
    const measures = await takeStep(setup, state, batches[state.step % perEpoch] ?? []);
    const isGoingOn = await afterStep({ ...measures, epoch: state.step / perEpoch });
    if (!isGoingOn) return;
    await nextTurn();
  }
}

async function takeStep(
  setup: TrainingSetup,
  state: TrainingState,
  batch: Batch,
): Promise<Omit<StepMeasures, 'epoch'>> {
  const start = performance.now();
  const microBatches = collateAll(setup, batch);
  const labelTokens = microBatches.reduce((total, { labels }) => total + labels.length, 0);
  const step = state.step + 1;
  const learningRate = learningRateAt(setup.schedule, step);
  const { optimizer, maxGradNorm } = setup;
  const request = { step, microBatches, labelWeight: 1 / labelTokens, learningRate, optimizer, maxGradNorm };
  const { loss, gradNorm } = await setup.stepper.step(request);
  if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) throw notFinite(step, loss, gradNorm, setup.precision);
  state.step = step;
  const tokens = microBatches.reduce((total, { tokenCount }) => total + tokenCount, 0);
  return { step, loss, learningRate, gradNorm, tokens, labelTokens, stepMs: performance.now() - start };
}

function collateAll(setup: TrainingSetup, batch: Batch): readonly MicroBatch[] {
  return splitMicroBatches(batch, setup.microBatchSize).map((rows) => {
    const examples = rows.map((row) =>
      row.map((number) => setup.examples[number]).filter((example) => example !== undefined),
    );
    return collate(examples, setup.padTokenId);
  });
}

function notFinite(step: number, loss: number, gradNorm: number, precision?: Precision): ExpectedError {
  const found = `step ${String(step)} gave the loss ${String(loss)} and the gradient norm ${String(gradNorm)}, which are not finite`;
  if (precision === 'float16') {
    return new ExpectedError(
      'training/notFinite',
      `${found}; they may lie beyond what float16 holds (65504)`,
      'Train with engine.precision "float32": if that fails in the same way, use a lower learning rate.',
      { field: 'engine.precision' },
    );
  }
  if (step === 1) {
    return new ExpectedError(
      'training/notFinite',
      `${found}, before any weight was changed`,
      'The checkpoint itself gives such numbers on this data: fetch it again, or look for broken examples.',
    );
  }
  return new ExpectedError(
    'training/notFinite',
    `${found}; the last deltas that gave finite ones are kept`,
    'Use a lower learning rate or a longer warm-up, and look at the data of this step for empty or broken examples.',
    { field: 'training.learningRate' },
  );
}
