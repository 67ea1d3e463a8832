/** What stands in place of the charts while there is nothing to draw: what is going on, and when curves will come. */
import { html, type TemplateResult } from 'lit';
import type { RunCard } from '../../../engine/protocol/webview.ts';
import { t } from '../../host/translations.ts';

export function waiting(runs: readonly RunCard[], chooseRuns: () => void): TemplateResult {
  const run = runs[0];
  if (run === undefined) return gone(chooseRuns);
  const isBusy = runs.some(({ status }) => status === 'preparing' || status === 'selecting' || status === 'training');
  return html`<div class="waiting">
    <span class="codicon codicon-${isBusy ? 'loading codicon-modifier-spin' : 'graph-line'}" aria-hidden="true"></span>
    <p class="waiting-title">${runs.length === 1 ? run.statusText : t('No Steps Yet')}</p>
    <p class="muted">${isBusy ? t('Curves appear with the first step.') : idleText(run)}</p>
  </div>`;
}

function idleText({ status }: RunCard): string {
  return status === 'queued'
    ? t('The run starts by itself when the device is free.')
    : t('The run ended before its first step.');
}

function gone(chooseRuns: () => void): TemplateResult {
  return html`<div class="waiting">
    <span class="codicon codicon-graph-line" aria-hidden="true"></span>
    <h1 class="waiting-title">${t('This Run Is No Longer There')}</h1>
    <p class="muted">${t('Its folder was moved or deleted.')}</p>
    <neuroada-button appearance="secondary" @click=${chooseRuns}>${t('Choose Runs…')}</neuroada-button>
  </div>`;
}
