/** The figures of a run's card. */
import { html, nothing, type TemplateResult } from 'lit';
import type { RunCard } from '../../../engine/protocol/webview.ts';
import { t } from '../../host/translations.ts';
import { bytesText, countText, durationText, numberText, percentText } from '../../text/figures.ts';

interface Figure {
  readonly name: string;
  readonly value: string;
  /** What stands small beside the value. */
  readonly note?: string | undefined;
}

/** @param isWhole of a run that is shown alone everything, else what tells runs apart */
export function runFigures(run: RunCard, isWhole: boolean): TemplateResult | typeof nothing {
  const figures = (isWhole ? [...progressFigures(run), ...machineFigures(run)] : comparedFigures(run)).filter(
    (figure) => figure !== undefined,
  );
  if (figures.length === 0) return nothing;
  return html`<dl class="figures">
    ${figures.map(
      ({ name, value, note }) =>
        html`<div class="figure">
          <dt>${name}</dt>
          <dd class="figure-number">
            ${value}${note === undefined ? nothing : html` <span class="figure-note">${note}</span>`}
          </dd>
        </div>`,
    )}
  </dl>`;
}

function comparedFigures(run: RunCard): (Figure | undefined)[] {
  return [...progressFigures(run).slice(0, 4), ...machineFigures({ ...run, memoryBytes: undefined })];
}

function progressFigures(run: RunCard): (Figure | undefined)[] {
  const { loss, bestEvaluation: best, etaMs, elapsedMs, epoch, step } = run;
  return [
    loss === undefined ? undefined : { name: t('Loss'), value: numberText(loss) },
    best === undefined
      ? undefined
      : {
          name: t('Best Evaluation'),
          value: numberText(best.loss),
          note: t('step {0}', best.step.toLocaleString()),
        },
    etaMs === undefined || step === 0 ? undefined : { name: t('Time Left'), value: durationText(etaMs) },
    elapsedMs === undefined ? undefined : { name: t('Elapsed'), value: durationText(elapsedMs) },
    step === 0 ? undefined : { name: t('Epoch'), value: epoch.toFixed(1) },
  ];
}

function machineFigures(
  run: Omit<RunCard, 'memoryBytes'> & { readonly memoryBytes?: number | undefined },
): (Figure | undefined)[] {
  const { tokensPerSecond: speed, memoryBytes, peakMemoryBytes: peak, device, plan, precision } = run;
  const { trainableParameters: trainable, trainableShare: share } = run;
  return [
    speed === undefined ? undefined : { name: t('Speed'), value: countText(speed), note: t('tokens/s') },
    memoryFigure(memoryBytes, peak),
    trainable === undefined
      ? undefined
      : {
          name: t('Trainable'),
          value: countText(trainable),
          note: share === undefined ? undefined : percentText(share),
        },
    device === undefined
      ? undefined
      : { name: t('Device'), value: deviceText(device), note: planText(plan, precision) },
  ];
}

function memoryFigure(now: number | undefined, peak: number | undefined): Figure | undefined {
  if (now === undefined) return peak === undefined ? undefined : { name: t('Peak Memory'), value: bytesText(peak) };
  return {
    name: t('Memory'),
    value: bytesText(now),
    note: peak === undefined ? undefined : t('peak {0}', bytesText(peak)),
  };
}

function deviceText(device: string): string {
  switch (device) {
    case 'cpu':
      return 'CPU';
    case 'cuda':
      return 'CUDA';
    case 'webgpu':
      return 'WebGPU';
    case 'directml':
      return 'DirectML';
    default:
      return device;
  }
}

/** A precision is told where it is not the usual one. */
function planText(plan: string | undefined, precision: string | undefined): string | undefined {
  switch (plan) {
    case 'layered':
      return precision === 'float16' ? t('layered, float16') : t('layered');
    case 'wholeGraph':
      return t('whole graph');
    default:
      return plan;
  }
}
