/** `neuroada evaluate`: scores a model, with its base beside it. */
import { resolve } from 'node:path';
import type {
  EvaluateParams,
  EvaluateResult,
  EvaluationSummary,
  Score,
  SideScores,
} from '../../protocol/answers/evaluation.ts';
import { MODEL_SIDES } from '../../protocol/answers/generation.ts';
import { execute, type Execution } from '../execution.ts';
import { loadJob } from '../jobs.ts';
import { countText, counted } from '../quantities.ts';
import { tableLines } from '../table.ts';

export interface EvaluateOptions {
  readonly data: string;
  readonly task?: readonly string[];
  readonly scoring: EvaluateParams['scoring'];
  readonly method: EvaluateParams['method'];
  readonly limit?: number;
  readonly maxNewTokens?: number;
  readonly rows: number;
  readonly onlyTuned?: boolean;
  readonly base?: string;
  readonly name?: string;
  readonly output?: string;
}

export function evaluate(execution: Execution, model: string, options: EvaluateOptions): Promise<number> {
  const cancelNote = 'Stopped. The answers so far are kept; the same command goes on with them.';
  return execute({ ...execution, cancelNote }, async ({ observer, signal }) => {
    const evaluateJob = await loadJob('evaluate');
    const result = await evaluateJob(paramsOf(model, options), observer, signal);
    return { value: result, lines: resultLines(result) };
  });
}

function paramsOf(model: string, options: EvaluateOptions): EvaluateParams {
  const { data, task = [], scoring, method, limit, maxNewTokens, rows, onlyTuned, base, name, output } = options;
  return {
    ...{
      model: resolve(model),
      tasks: task,
      data: resolve(data),
      scoring,
      method,
      rowCount: rows,
      includesBase: onlyTuned !== true,
    },
    ...(base === undefined ? {} : { base: resolve(base) }),
    ...(limit === undefined ? {} : { limit }),
    ...(maxNewTokens === undefined ? {} : { maxNewTokens }),
    ...(name === undefined ? {} : { name }),
    ...(output === undefined ? {} : { output: resolve(output) }),
  };
}

function resultLines({ evaluations, missing }: EvaluateResult): readonly string[] {
  const left = missing.length === 0 ? [] : [`Left out, since their files are not there: ${missing.join(', ')}`];
  return [...evaluations.flatMap(({ folder, summary }) => summaryLines(summary, folder)), ...left];
}

function summaryLines(summary: EvaluationSummary, folder: string): readonly string[] {
  const { name, examples, sides, gained, lost } = summary;
  const scores = MODEL_SIDES.flatMap((side) => sideRows(side, sides[side]));
  const change =
    gained === undefined || lost === undefined
      ? []
      : [['changed', `${countText(gained)} wrong answers became right, ${countText(lost)} right ones wrong`] as const];
  return [`${name}: ${counted(examples, 'example')}`, ...tableLines([...scores, ...change, ['answers', folder]]), ''];
}

function sideRows(side: string, scores: SideScores | undefined): readonly (readonly [string, string])[] {
  if (scores === undefined) return [];
  const none = scores.withoutAnswer === 0 ? '' : `; no answer found in ${countText(scores.withoutAnswer)}`;
  return Object.entries(scores.scores).map(([metric, score], index) => [
    `${side} ${metric}`,
    `${scoreText(metric, score)}${index === 0 ? none : ''}`,
  ]);
}

function scoreText(metric: string, { value, interval }: Score): string {
  const text = (figure: number): string =>
    metric === 'accuracy' ? `${(figure * 100).toFixed(1)} %` : figure.toFixed(3);
  return `${text(value)} (95 %: ${text(interval.low)} to ${text(interval.high)})`;
}
