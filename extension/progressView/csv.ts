/** Every step of runs as comma-separated text (RFC 4180): one line per run and step, so that any tool can group them. */
import { csvField, CSV_LINE_END } from '../text/csvField.ts';
import { STEP_METRICS, type RunSeries } from './runSeries.ts';

export interface NamedSeries {
  readonly name: string;
  readonly series: RunSeries;
}

const HEADER = 'run,step,loss,evaluation_loss,learning_rate,grad_norm,tokens_per_second,memory_bytes';

export function formatCsv(runs: readonly NamedSeries[]): string {
  return [HEADER, ...runs.flatMap(runLines), ''].join(CSV_LINE_END);
}

/** The run's steps merged with its evaluations, which may stand at steps of their own. */
function runLines({ name, series }: NamedSeries): string[] {
  const label = csvField(name);
  const { steps } = series.of('loss');
  const evaluations = series.of('evaluationLoss');
  const [losses, ...rest] = STEP_METRICS.map((metric) => series.of(metric).values);
  const lines: string[] = [];
  let next = 0;
  const evaluationAt = (step: number): string =>
    evaluations.steps[next] === step ? figure(evaluations.values[next++]!) : '';
  const evaluationsBefore = (step: number): void => {
    while (next < evaluations.steps.length && evaluations.steps[next]! < step) {
      const own = evaluations.steps[next]!;
      lines.push([label, own, '', evaluationAt(own), '', '', '', ''].join(','));
    }
  };
  for (const [index, step] of steps.entries()) {
    evaluationsBefore(step);
    const figures = rest.map((values) => figure(values[index]!));
    lines.push([label, step, figure(losses![index]!), evaluationAt(step), ...figures].join(','));
  }
  evaluationsBefore(Infinity);
  return lines;
}

function figure(value: number): string {
  return Number.isNaN(value) ? 'NaN' : String(value);
}
