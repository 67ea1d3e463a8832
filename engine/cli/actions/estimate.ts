/** `neuroada estimate`: what a run would need, without running it. */
import { loadConfiguration } from '../../configuration/configurationFile.ts';
import type { EstimateResult } from '../../protocol/rpc.ts';
import { TRAINING_FLAGS } from '../configurationFlags.ts';
import { overridesOf, type TypedOptions } from '../configurationOverrides.ts';
import { execute, type Execution } from '../execution.ts';
import { loadJob } from '../jobs.ts';
import { bytesText, counted, countText, durationText, shareText } from '../quantities.ts';
import { tableLines } from '../table.ts';

export function estimate(execution: Execution, file: string | undefined, options: TypedOptions): Promise<number> {
  return execute(execution, async ({ observer, signal }) => {
    const overrides = overridesOf(options, TRAINING_FLAGS);
    const configuration = await loadConfiguration({ file, overrides, folder: process.cwd() });
    const estimateJob = await loadJob('estimate');
    const result = await estimateJob({ configuration }, observer, signal);
    return { value: result, lines: estimateLines(result) };
  });
}

function estimateLines(result: EstimateResult): readonly string[] {
  const { k, trainableParameters, trainableShare, totalParameters, device, plan, peakMemoryBytes } = result;
  const memory = `${bytesText(peakMemoryBytes)} of ${bytesText(result.availableMemoryBytes)} available`;
  return [
    ...tableLines([
      [
        'Trainable',
        `${countText(trainableParameters)} (${shareText(trainableShare)} of ${countText(totalParameters)}), k = ${String(k)}`,
      ],
      ['Device', `${device}, ${plan}`],
      ['Peak memory', `${memory}${result.fits ? '' : ': does not fit'}`],
      ['', memoryText(result)],
      [
        'Time',
        `${durationText(result.totalMs)} for ${counted(result.totalSteps, 'step')} of ${durationText(result.stepMs)}`,
      ],
    ]),
    ...result.reasons,
    ...alternativeLines(result),
  ];
}

function memoryText({ memory }: EstimateResult): string {
  const { weights, activations, head, deltas, overhead } = memory;
  const parts = { weights, activations, head, 'trained values': deltas, process: overhead };
  return Object.entries(parts)
    .map(([name, bytes]) => `${name} ${bytesText(bytes)}`)
    .join(', ');
}

function alternativeLines({ alternatives }: EstimateResult): readonly string[] {
  if (alternatives.length === 0) return [];
  const rows = alternatives.map(({ settings, peakMemoryBytes, stepMs }) => {
    const text = Object.entries(settings).map(([field, value]) => `${field}=${String(value)}`);
    return [text.join(' '), `${bytesText(peakMemoryBytes)}, ${durationText(stepMs)} a step`] as const;
  });
  return ['With less memory:', ...tableLines(rows).map((line) => `  ${line}`)];
}
