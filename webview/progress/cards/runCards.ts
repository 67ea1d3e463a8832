/** A card per run: how it stands, its figures, what went wrong, and what can be done now. */
import { html, nothing, type TemplateResult } from 'lit';
import type { RunAction, RunCard } from '../../../engine/protocol/webview.ts';
import { t } from '../../host/translations.ts';
import { runActions } from './runActions.ts';
import { runFigures } from '../figures/runFigures.ts';
import { runStyle } from '../state/runStyle.ts';
import { statusSign } from './statusSign.ts';
import { swatch } from '../figures/swatch.ts';
import type { ViewState } from '../state/progressState.ts';

export interface CardListener {
  act(runId: string, action: RunAction): void;
  /** A run to stand out in the charts; undefined for none. */
  emphasize(runId: string | undefined): void;
}

export function runCards({ runs = [], theme }: ViewState, listener: CardListener): TemplateResult {
  const isLone = runs.length === 1;
  return html`<div class=${isLone ? 'cards cards-lone' : 'cards'}>
    ${runs.map((run, index) => runCard(run, index, isLone, theme.isDark, listener))}
  </div>`;
}

function runCard(
  run: RunCard,
  index: number,
  isLone: boolean,
  isDark: boolean,
  listener: CardListener,
): TemplateResult {
  return html`<article
    class="card"
    aria-label=${run.name}
    @pointerenter=${() => listener.emphasize(isLone ? undefined : run.runId)}
    @pointerleave=${() => listener.emphasize(undefined)}
  >
    <header class="card-head">
      ${isLone ? nothing : swatch(runStyle(index, isDark))}
      <h1 class="card-name" title=${run.runId}>${run.name}</h1>
      <span class="card-status">${statusSign(run.status)}${run.statusText}</span>
      <span class="card-actions">${runActions(run, isLone, (runId, action) => listener.act(runId, action))}</span>
    </header>
    ${run.totalSteps > 0 ? stepProgress(run) : nothing} ${run.problem === undefined ? nothing : problem(run, listener)}
    ${runFigures(run, isLone)}
  </article>`;
}

function stepProgress({ step, totalSteps, name, status }: RunCard): TemplateResult {
  const text = t('Step {0} of {1}', step.toLocaleString(), totalSteps.toLocaleString());
  const percent = t('{0} %', Math.floor((100 * step) / totalSteps));
  return html`<div class="step-progress">
    <progress
      class="step-bar step-bar-${status}"
      aria-label=${t('Steps of {0}', name)}
      max=${totalSteps}
      .value=${Math.min(step, totalSteps)}
    ></progress>
    <div class="step-text figure-number"><span>${text}</span><span class="muted">${percent}</span></div>
  </div>`;
}

function problem({ runId, problem: text, actions }: RunCard, listener: CardListener): TemplateResult {
  const button = (action: RunAction, label: string, appearance: string): TemplateResult | typeof nothing =>
    actions.includes(action)
      ? html`<neuroada-button appearance=${appearance} @click=${() => listener.act(runId, action)}
          >${label}</neuroada-button
        >`
      : nothing;
  return html`<div class="banner">
    <span class="codicon codicon-error" aria-hidden="true"></span>
    <p>${text}</p>
    <span class="banner-actions">
      ${button('resume', t('Resume'), 'primary')}${button('openLog', t('Open Log'), 'secondary')}
    </span>
  </div>`;
}
