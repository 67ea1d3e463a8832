/** `neuroada train`: starts a run from a configuration, or goes on with one. */
import { dirname, join, resolve } from 'node:path';
import { loadConfiguration } from '../../configuration/configurationFile.ts';
import { ExpectedError } from '../../errors/expected.ts';
import type { TrainRequest, TrainResult } from '../../jobs/contract.ts';
import { DEVICE_NAMES, type DeviceName } from '../../protocol/devices.ts';
import { RUN_FILES } from '../../protocol/runs/runFolder.ts';
import { runFolderPath } from '../../run/runName.ts';
import { readRunRecord } from '../../run/runRecord.ts';
import { differingFields } from '../configurationDifference.ts';
import { TRAINING_FLAGS } from '../configurationFlags.ts';
import { overridesOf, type TypedOptions } from '../configurationOverrides.ts';
import { execute, type Execution, type Outcome } from '../execution.ts';
import { loadJob } from '../jobs.ts';
import { counted, lossText } from '../quantities.ts';
import { shellQuoted } from '../terminal.ts';

export interface TrainOptions extends TypedOptions {
  readonly output?: string;
  readonly resume?: string;
  readonly device?: string;
}

export function train(execution: Execution, file: string | undefined, options: TrainOptions): Promise<number> {
  const stopNote = 'Stopping after this step, with a checkpoint. Again to quit at once.';
  const cancelNote = 'Stopped before the first step.';
  return execute({ ...execution, stopNote, cancelNote }, async ({ observer, signal, logTo }) => {
    const request =
      options.resume === undefined
        ? await newRun(file, options)
        : await resumedRun(file, options.resume, options.device);
    if (request.resume) logTo(join(request.runFolder, RUN_FILES.log));
    const trainJob = await loadJob('train');
    const result = await trainJob(
      request,
      {
        ...observer,
        onEvent: (event) => {
          logTo(join(request.runFolder, RUN_FILES.log));
          observer.onEvent(event);
        },
      },
      signal,
    );
    return outcomeOf(result, execution.terminal.invocation);
  });
}

async function newRun(file: string | undefined, options: TrainOptions): Promise<TrainRequest> {
  const folder = process.cwd();
  const overrides = overridesOf(options, TRAINING_FLAGS);
  const configuration = await loadConfiguration({ file, overrides, folder });
  const parentFolder = file === undefined ? folder : dirname(resolve(file));
  const output = options.output === undefined ? undefined : resolve(options.output);
  const runFolder = output ?? runFolderPath(configuration, parentFolder, Date.now());
  return { configuration, runFolder, resume: false };
}

/** The run's own record counts; a configuration given as well must say the same. */
async function resumedRun(file: string | undefined, run: string, device: string | undefined): Promise<TrainRequest> {
  const runFolder = resolve(run);
  const { configuration } = await readRunRecord(runFolder);
  if (file !== undefined) {
    const given = await loadConfiguration({ file, folder: process.cwd() });
    const fields = differingFields(given, configuration);
    if (fields.length > 0) {
      throw new ExpectedError(
        'cli/otherConfiguration',
        `the run in ${runFolder} was started with other values of ${fields.join(', ')}`,
        'A run is resumed with its own configuration: leave the file out, or start a new run with it.',
        { file },
      );
    }
  }
  return { configuration, runFolder, resume: true, ...(device === undefined ? {} : { device: deviceNamed(device) }) };
}

function deviceNamed(text: string): DeviceName {
  const device = DEVICE_NAMES.find((name) => name === text);
  if (device !== undefined) return device;
  const expected = `expected one of ${DEVICE_NAMES.join(', ')}, found ${text}`;
  throw new ExpectedError('cli/unknownDevice', expected, 'Name a device that this machine has.', { field: '--device' });
}

function outcomeOf(result: TrainResult, invocation: string): Outcome {
  const run = shellQuoted(result.runFolder);
  if (result.status === 'stopped') {
    const lines = [
      `Stopped after step ${String(result.steps)}; the checkpoint is saved.`,
      `Go on with:  ${invocation} train --resume ${run}`,
    ];
    return { value: result, lines, isStopped: true };
  }
  const best = result.bestEvaluationLoss;
  const losses = `final loss ${lossText(result.finalLoss)}${best === undefined ? '' : `, best evaluation loss ${lossText(best)}`}`;
  const lines = [
    `Finished after ${counted(result.steps, 'step')}: ${losses}.`,
    `Run:      ${result.runFolder}`,
    `Adapter:  ${result.adapterFolder}${result.adapterStep === undefined ? '' : ` (step ${String(result.adapterStep)}, whose evaluation was best)`}`,
    `Merge it with:  ${invocation} merge ${run} --output ${shellQuoted(`${result.runFolder}-merged`)}`,
  ];
  return { value: result, lines };
}
