/** Settles how a run executes, from its configuration or its newest checkpoint, and drives it to its end. */
import type { Precision, RunConfiguration } from '../../protocol/configuration/configuration.ts';
import type { DeviceName } from '../../protocol/devices.ts';
import type { JobProgress } from '../../protocol/rpc.ts';
import type { RunSession } from '../../run/runSession.ts';
import { CAPABILITIES } from '../../runtime/capabilities.ts';
import { trainableLayout } from '../../training/layouts/trainable.ts';
import type { TrainRequest } from '../contract.ts';
import { choiceRequest, settleExecution, settleSmaller, type SettledExecution } from '../preparation/execution.ts';
import { planEvent } from '../preparation/planEvent.ts';
import { longestRow, trainingLength, type PreparedData } from '../preparation/preparation.ts';
import type { TrainableChoice } from '../preparation/trainableChoice.ts';
import { MemoryWatch } from './memoryWatch.ts';
import { restorable } from './restorable.ts';
import { refuseUnmeasured } from './stepEvaluation.ts';
import { StepQuestions } from './stepQuestions.ts';
import { TrainingRun, type TrainingOutcome } from './trainingRun.ts';

/** @param request whether to go on from the newest checkpoint, if there is one, and on which device */
export async function driveTraining(
  session: RunSession,
  prepared: PreparedData,
  choice: TrainableChoice,
  { resume, device }: Pick<TrainRequest, 'resume' | 'device'>,
  onProgress: (progress: JobProgress) => void,
  signal: AbortSignal,
): Promise<TrainingOutcome> {
  const { configuration } = session.record;
  refuseUnmeasured(configuration, prepared);
  const questions = await StepQuestions.read(configuration, prepared, session.folder, onProgress);
  const { config } = prepared.checkpoint;
  const layout = trainableLayout(config, choice.trainable);
  const restored = resume ? await restorable(session) : undefined;
  const longest = longestRow(configuration, prepared.data);
  const settle = (wanted: RunConfiguration): Promise<SettledExecution> =>
    settleExecution(wanted, prepared.checkpoint, layout, longest);
  const execution =
    restored === undefined || (device !== undefined && device !== restored.saved.execution.device)
      ? await settle(device === undefined ? configuration : onDevice(configuration, device, restored?.saved.execution))
      : restored.saved.execution;
  const model = { k: choice.statistics.k, width: config.hiddenSize };
  const length = trainingLength(configuration, prepared.data.train.examples.length, model);
  if (device !== undefined && configuration.engine.precision !== precisionOn(configuration, device)) {
    const text = `going on in float32: training on ${device} knows no float16`;
    session.append({ type: 'message', level: 'warning', code: 'run/precisionChanged', text });
  }
  session.append(planEvent(prepared, execution, length));
  const { fit, memoryBudgetMB } = configuration.engine;
  const watch = new MemoryWatch(memoryBudgetMB === undefined ? undefined : memoryBudgetMB * 1e6, (current) => {
    if (fit === 'strict' || current.device !== 'cpu') return undefined;
    return settleSmaller(choiceRequest(configuration, prepared.checkpoint, layout, longest, 'cpu'), current);
  });
  const run = new TrainingRun(session, prepared, choice, layout, execution, watch, length, restored, questions);
  return run.drive(signal);
}

/** Micro-batches stay as they were, so that the other device adds up the same sums. */
function onDevice(
  configuration: RunConfiguration,
  device: DeviceName,
  before: SettledExecution | undefined,
): RunConfiguration {
  const { engine, training } = configuration;
  const microBatchSize = before?.microBatchSize ?? training.microBatchSize;
  const precision = precisionOn(configuration, device);
  return { ...configuration, engine: { ...engine, device, precision }, training: { ...training, microBatchSize } };
}

function precisionOn({ engine }: RunConfiguration, device: DeviceName): Precision {
  return CAPABILITIES[device].allowsFloat16 ? engine.precision : 'float32';
}
