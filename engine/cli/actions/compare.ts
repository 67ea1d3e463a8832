/** `neuroada compare`: methods side by side. */
import { dirname, resolve } from 'node:path';
import { spreadOf } from '../../comparison/spread.ts';
import { loadConfiguration } from '../../configuration/configurationFile.ts';
import type { CompareParams, Comparison } from '../../protocol/comparison.ts';
import type { Method } from '../../protocol/configuration/methods.ts';
import { runFolderPath } from '../../run/runName.ts';
import { COMPARISON_FLAGS } from '../configurationFlags.ts';
import { overridesOf, type TypedOptions } from '../configurationOverrides.ts';
import { execute, type Execution } from '../execution.ts';
import { loadJob } from '../jobs.ts';
import { countText, shareText } from '../quantities.ts';

export interface CompareOptions extends TypedOptions {
  readonly methods: readonly Method[];
  readonly seeds: readonly number[];
  readonly ks?: readonly number[];
  readonly methodKs?: Readonly<Partial<Record<Method, readonly number[]>>>;
  readonly rates?: Readonly<Partial<Record<Method, number>>>;
  readonly output?: string;
  readonly resume?: string;
}

/** @param file undefined where a comparison is gone on with */
export function compare(execution: Execution, file: string | undefined, options: CompareOptions): Promise<number> {
  const stopNote = 'Stopping after this step, with a checkpoint. Again to quit at once.';
  const cancelNote = 'Stopped. Go on with:  neuroada compare --resume, and the folder of the comparison.';
  return execute({ ...execution, stopNote, cancelNote }, async ({ observer, signal, note }) => {
    const request = file === undefined ? { resume: resolve(options.resume ?? '') } : await newComparison(file, options);
    note(`Comparison in ${'resume' in request ? request.resume : request.output}`);
    const compareJob = await loadJob('compare');
    const result = await compareJob(request, observer, signal);
    return { value: result, lines: [...comparisonLines(result.comparison), `Report:  ${result.report}`] };
  });
}

async function newComparison(file: string, options: CompareOptions): Promise<CompareParams> {
  const overrides = overridesOf(options, COMPARISON_FLAGS);
  const configuration = await loadConfiguration({ file, overrides, folder: process.cwd() });
  const named = { ...configuration, name: comparisonName(configuration.name) };
  const { output, methods, seeds, ks = [], methodKs = {}, rates = {} } = options;
  return {
    ...{ configuration, methods, seeds, ks, methodKs, learningRates: rates },
    output: output === undefined ? runFolderPath(named, dirname(resolve(file)), Date.now()) : resolve(output),
  };
}

function comparisonName(name: string | undefined): string {
  return name === undefined ? 'comparison' : `comparison ${name}`;
}

function comparisonLines({ metric, baseMeasures, variants }: Comparison): readonly string[] {
  const rows = variants.map(({ label, trainableParameters, trainableShare, runs }) => {
    const { mean, deviation } = spreadOf(runs.map(({ score }) => score));
    const megabytes = spreadOf(runs.map(({ peakMemoryBytes }) => peakMemoryBytes)).mean / 1e6;
    const budget = `${countText(trainableParameters)} parameters (${shareText(trainableShare)})`;
    return `${label}: ${metric} ${mean.toFixed(3)} ± ${deviation.toFixed(3)}, ${budget}, peak ${megabytes.toFixed(0)} MB`;
  });
  return baseMeasures === undefined ? rows : [`base: ${metric} ${baseMeasures.score.toFixed(3)}`, ...rows];
}
