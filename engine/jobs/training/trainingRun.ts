/** A run from its first step to its last: steps with what is due after each, less memory where it runs short, adapter. */
import { CancelledError } from '../../errors/expected.ts';
import { executionName } from '../../estimate/planChoice.ts';
import type { ForwardPass } from '../../inference/forwardPass.ts';
import { isBetterEvaluation } from '../../protocol/runs/runSummary.ts';
import { checkpointTensorsFile } from '../../run/checkpointStore.ts';
import type { RunSession } from '../../run/runSession.ts';
import { processMemory } from '../../runtime/memory.ts';
import type { Stepper } from '../../training/stepper.ts';
import { restoreState, restoreValues, stateTensors } from '../../training/stateTensors.ts';
import type { TrainableLayout } from '../../training/layouts/trainableLayout.ts';
import { train, type StepMeasures, type TrainingSetup } from '../../training/trainer.ts';
import { initialState, type TrainingState } from '../../training/trainingState.ts';
import { createExecution, type Execution, type SettledExecution } from '../preparation/execution.ts';
import type { MemoryWatch, Relief } from './memoryWatch.ts';
import type { PreparedData, TrainingLength } from '../preparation/preparation.ts';
import { planEvent } from '../preparation/planEvent.ts';
import { writeRunAdapter } from './runAdapter.ts';
import { savedState, type Restorable } from './restorable.ts';
import { StepClock } from './stepClock.ts';
import { bestChoice, evaluateStep } from './stepEvaluation.ts';
import type { StepQuestions, StepScore } from './stepQuestions.ts';
import { evaluateTestPart } from './testEvaluation.ts';
import { trainingSetup } from './trainingSetup.ts';
import type { TrainableChoice } from '../preparation/trainableChoice.ts';

export interface TrainingOutcome {
  readonly status: 'finished' | 'stopped';
  readonly steps: number;
  readonly finalLoss: number;
  readonly trainableParameters: number;
  readonly trainableShare: number;
  /** The step whose deltas the adapter holds, where it is not the last one. */
  readonly adapterStep?: number;
}

export class TrainingRun {
  readonly #session: RunSession;
  readonly #prepared: PreparedData;
  readonly #choice: TrainableChoice;
  readonly #layout: TrainableLayout;
  readonly #state: TrainingState;
  readonly #watch: MemoryWatch;
  readonly #length: TrainingLength;
  readonly #restored: Restorable | undefined;
  readonly #questions: StepQuestions | undefined;
  #execution: SettledExecution;
  #hasBegun = false;
  /** Whether the run was stopped before its last step was evaluated. */
  #isEvaluationOpen = false;
  #loss: number;
  /** Of the newest checkpoint. */
  #savedStep: number | undefined;

  constructor(
    session: RunSession,
    prepared: PreparedData,
    choice: TrainableChoice,
    layout: TrainableLayout,
    execution: SettledExecution,
    watch: MemoryWatch,
    length: TrainingLength,
    restored: Restorable | undefined,
    questions: StepQuestions | undefined,
  ) {
    this.#watch = watch;
    this.#session = session;
    this.#prepared = prepared;
    this.#choice = choice;
    this.#layout = layout;
    this.#state = initialState(layout.size);
    this.#execution = execution;
    this.#length = length;
    this.#restored = restored;
    this.#questions = questions;
    this.#loss = restored?.saved.loss ?? NaN;
    this.#savedStep = restored?.step;
  }

  async drive(signal: AbortSignal): Promise<TrainingOutcome> {
    this.#session.append({ type: 'status', status: 'training' });
    for (let relief = await this.#trainOn(signal); relief !== undefined; relief = await this.#trainOn(signal)) {
      this.#goOnWith(relief);
    }
    const isDone = this.#state.step >= this.#length.totalSteps && !this.#isEvaluationOpen;
    const adapterStep = isDone ? await this.#writeBestAdapter() : undefined;
    const { trainableParameters, trainableShare } = this.#choice.statistics;
    const status = isDone ? 'finished' : 'stopped';
    const outcome = {
      status,
      steps: this.#state.step,
      finalLoss: this.#loss,
      trainableParameters,
      trainableShare,
    } as const;
    return adapterStep === undefined ? outcome : { ...outcome, adapterStep };
  }

  /** Trains to the end, or until memory runs short. @returns how to go on from the last step, where it did */
  async #trainOn(signal: AbortSignal): Promise<Relief | undefined> {
    try {
      return await this.#execute(signal);
    } catch (error) {
      const relief = this.#watch.afterFailure(error, this.#execution);
      if (relief === undefined) throw error;
      return relief;
    }
  }

  /** Whatever ends it, memory is given back before anything else is done with what little may be left. */
  async #execute(signal: AbortSignal): Promise<Relief | undefined> {
    const execution = await this.#open();
    try {
      return await this.#takeSteps(execution, signal);
    } finally {
      await this.#close(execution);
    }
  }

  /** Opens the execution with the state that the run is in. */
  async #open(): Promise<Execution> {
    const { training, lora, method } = this.#session.record.configuration;
    const values = this.#state.deltas.slice();
    const execution = await createExecution(
      this.#prepared.checkpoint,
      {
        layout: this.#layout,
        values: this.#state.deltas,
        seed: training.seed,
        dropout: method === 'lora' ? lora.dropout : 0,
      },
      this.#execution,
    );
    if (this.#hasBegun) this.#state.deltas.set(values);
    else if (this.#restored !== undefined) {
      await restoreState(this.#restored.tensorsFile, this.#restored.step, this.#state);
      this.#state.lossScale = this.#restored.saved.lossScale;
    }
    this.#hasBegun = true;
    for (const text of execution.warnings) this.#warn('runtime/operatorsOnCpu', text);
    return execution;
  }

  async #takeSteps(execution: Execution, signal: AbortSignal): Promise<Relief | undefined> {
    const { stepper, forward } = execution;
    const setup = {
      ...trainingSetup(this.#session.record.configuration, this.#prepared, this.#execution, this.#length),
      stepper,
    };
    const clock = new StepClock(this.#length.totalSteps);
    await this.#catchUp(execution, setup, signal);
    if (signal.aborted) return undefined;
    let relief: Relief | undefined;
    await train(setup, this.#state, async (measures) => {
      this.#record(measures, clock);
      await this.#evaluate(execution, setup, signal);
      await this.#checkpoint(stepper, signal.aborted);
      relief = await this.#lookAtMemory(stepper);
      return !signal.aborted && relief === undefined;
    });
    if (relief === undefined) await this.#test(stepper, forward);
    return relief;
  }

  async #close({ stepper, release }: Execution): Promise<void> {
    await stepper.save(this.#state);
    await release();
    await this.#writeAdapter(this.#state.deltas);
  }

  /** The step is safe, whatever memory does next. */
  async #lookAtMemory(stepper: Stepper): Promise<Relief | undefined> {
    if (this.#state.step >= this.#length.totalSteps) return undefined;
    try {
      const finding = this.#watch.afterStep(this.#execution);
      if (finding.kind === 'relief') return finding.relief;
      if (finding.kind === 'overBudget') this.#warn('memory/overBudget', `${finding.cause}: nothing smaller is left`);
      return undefined;
    } catch (error) {
      await this.#checkpoint(stepper, true);
      throw error;
    }
  }

  #goOnWith({ cause, execution }: Relief): void {
    const [before, after] = [this.#execution, execution].map(({ plan, microBatchSize }) =>
      executionName(plan, microBatchSize),
    );
    const place = this.#state.step === 0 ? 'from the start' : `from step ${String(this.#state.step)}`;
    this.#warn('memory/steppedDown', `${cause}: going on ${place} with ${String(after)} instead of ${String(before)}`);
    this.#execution = execution;
    this.#session.append(planEvent(this.#prepared, execution, this.#length));
  }

  #warn(code: string, text: string): void {
    this.#session.append({ type: 'message', level: 'warning', code, text });
  }

  #record(measures: StepMeasures, clock: StepClock): void {
    this.#loss = measures.loss;
    const { etaMs, tokensPerSecond } = clock.tick(measures);
    const memoryBytes = processMemory().residentBytes;
    this.#session.append({ type: 'step', ...measures, tokensPerSecond, etaMs, memoryBytes });
  }

  #isEvaluationDue(): boolean {
    const { step } = this.#state;
    const isDue = step % this.#length.evaluateEvery === 0 || step === this.#length.totalSteps;
    return isDue && this.#prepared.data.evaluation.examples.length > 0;
  }

  /** What is due after the last step, where the run was stopped, or memory ran out, before it was done. */
  async #catchUp(execution: Execution, setup: TrainingSetup, signal: AbortSignal): Promise<void> {
    const { step } = this.#state;
    const isEvaluated = this.#session.summary.evaluations.some((evaluation) => evaluation.step === step);
    if (step === 0 || (step === this.#savedStep && (isEvaluated || !this.#isEvaluationDue()))) return;
    await execution.stepper.load(this.#state);
    if (!isEvaluated) await this.#evaluate(execution, setup, signal);
    await this.#checkpoint(execution.stepper, signal.aborted);
  }

  /** One that is stopped while questions are asked leaves no event, and is made up for when the run goes on. */
  async #evaluate(execution: Execution, setup: TrainingSetup, signal: AbortSignal): Promise<void> {
    if (!this.#isEvaluationDue()) return;
    const { step } = this.#state;
    const { examples } = this.#prepared.data.evaluation;
    const { configuration } = this.#session.record;
    const asked = await this.#ask(execution, signal);
    this.#isEvaluationOpen = asked === 'stopped';
    if (asked === 'stopped') return;
    const { forward } = execution;
    const measured = await evaluateStep(forward, configuration, this.#prepared, setup.microBatchSize, asked);
    const isBest = isBetterEvaluation(measured, this.#session.summary.bestEvaluation);
    this.#session.append({ type: 'evaluation', step, examples: examples.length, isBest, ...measured });
  }

  async #ask(execution: Execution, signal: AbortSignal): Promise<StepScore | 'stopped' | undefined> {
    if (this.#questions === undefined) return undefined;
    try {
      await execution.stepper.save(this.#state);
      return await this.#questions.ask(execution, this.#state.deltas, this.#state.step, signal);
    } catch (error) {
      if (error instanceof CancelledError) return 'stopped';
      throw error;
    }
  }

  /** Tests what was chosen, where a part of the data is there for that; its values stay the newest ones. */
  async #test(stepper: Stepper, forward: ForwardPass): Promise<void> {
    if (this.#prepared.data.test === undefined || this.#state.step < this.#length.totalSteps) return;
    const best = this.#bestStep();
    if (best !== undefined) {
      await restoreValues(checkpointTensorsFile(this.#session.folder, best), this.#state.deltas);
      await stepper.load(this.#state);
    }
    await evaluateTestPart(this.#session, this.#prepared, forward, best ?? this.#state.step);
  }

  /** The step that is chosen; undefined where it is the last one. */
  #bestStep(): number | undefined {
    const { record, summary } = this.#session;
    const best = summary.bestEvaluation?.step;
    if (bestChoice(record.configuration) === 'last' || best === this.#state.step) return undefined;
    return best;
  }

  async #checkpoint(stepper: Stepper, isStopping: boolean): Promise<void> {
    const { step } = this.#state;
    if (step === this.#savedStep) return;
    const { configuration } = this.#session.record;
    const { checkpointEvery } = configuration.training;
    const isKept = bestChoice(configuration) !== 'last' && this.#session.summary.bestEvaluation?.step === step;
    if (!isStopping && !isKept && step % checkpointEvery !== 0 && step !== this.#length.totalSteps) return;
    await stepper.save(this.#state);
    const saved = savedState(this.#execution, this.#loss, this.#state.lossScale);
    await this.#session.saveCheckpoint({ step, tensors: stateTensors(this.#state), state: saved });
    this.#savedStep = step;
  }

  async #writeAdapter(values: Float32Array): Promise<void> {
    const { folder, record } = this.#session;
    const { config } = this.#prepared.checkpoint;
    await writeRunAdapter(folder, record, this.#choice, config, this.#layout, values);
  }

  /** Makes the best step's values the adapter, where that is asked for. @returns the step, unless it is the last */
  async #writeBestAdapter(): Promise<number | undefined> {
    const best = this.#bestStep();
    if (best === undefined) return undefined;
    const values = new Float32Array(this.#layout.size);
    await restoreValues(checkpointTensorsFile(this.#session.folder, best), values);
    await this.#writeAdapter(values);
    return best;
  }
}
