/** Figures as people read them: durations, sizes, counts, losses. */
import { l10n } from 'vscode';
import { metricTitle } from '../../engine/protocol/metricTitle.ts';
import type { RunEvaluation } from '../../engine/protocol/runs/runSummary.ts';

/** Such as `45 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function durationText(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  if (seconds < 60) return l10n.t('{0} s', seconds);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60)
    return seconds % 60 === 0 || minutes >= 10
      ? l10n.t('{0} min', minutes)
      : l10n.t('{0} min {1} s', minutes, seconds % 60);
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return l10n.t('{0} h {1} min', hours, minutes % 60);
  return l10n.t('{0} d {1} h', Math.floor(hours / 24), hours % 24);
}

/** Of one step of training, such as `340 ms`, `2.5 s`, `1 min 10 s`. */
export function stepTimeText(stepMs: number): string {
  if (stepMs < 1000) return l10n.t('{0} ms', Math.round(stepMs));
  return stepMs < 10_000 ? l10n.t('{0} s', (stepMs / 1000).toFixed(1)) : durationText(stepMs);
}

/** In decimal units, such as `512 MB` or `1.3 GB`. */
export function bytesText(sizeBytes: number): string {
  if (sizeBytes < 1e6) return l10n.t('{0} kB', Math.ceil(sizeBytes / 1e3));
  if (sizeBytes < 1e9) return l10n.t('{0} MB', Math.round(sizeBytes / 1e6));
  return l10n.t('{0} GB', (sizeBytes / 1e9).toFixed(1));
}

export function countText(count: number): string {
  return count.toLocaleString();
}

/** Four significant digits, or scientific where that says nothing. */
export function lossText(loss: number): string {
  if (!Number.isFinite(loss)) return String(loss);
  const size = Math.abs(loss);
  return size !== 0 && (size < 1e-3 || size >= 1e4) ? loss.toExponential(2) : loss.toPrecision(4);
}

/** A share as percent with as many digits as tell something, such as `0.02 %`. */
export function percentText(share: number): string {
  const percent = share * 100;
  return `${percent >= 10 ? percent.toFixed(0) : String(Number(percent.toPrecision(2)))} %`;
}

/** The score that an evaluation is judged by, or its loss where it has none, such as `accuracy 61.5 %`. */
export function evaluationFigure(evaluation: RunEvaluation): string {
  const { metric, score } = evaluationScore(evaluation);
  return score === undefined ? lossText(evaluation.loss) : `${metricTitle(metric)} ${scoreText(metric, score)}`;
}

/** The score is undefined where the loss is what counts. */
export function evaluationScore({ scores, chosenBy }: RunEvaluation): { metric: string; score: number | undefined } {
  const metric = chosenBy ?? 'exactMatch';
  return { metric, score: scores?.[metric] };
}

/** A metric of an evaluation: shares in percent, the rest as a number. */
export function scoreText(metric: string, value: number): string {
  return metric === 'accuracy' ? `${(value * 100).toFixed(1)} %` : value.toFixed(3);
}
