/** What went wrong, in words, with what can be done about it. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ViewProblem } from '../../../engine/protocol/connectionsView.ts';
import { t } from '../../host/translations.ts';

export interface ProblemActions {
  retry(): void;
  showLog(): void;
}

export function problemBanner({ text, fix, isBug }: ViewProblem, actions: ProblemActions): TemplateResult {
  return html`<div class="banner" role="alert">
    <span class="codicon codicon-error" aria-hidden="true"></span>
    <p>${text}${fix === undefined ? nothing : html`<br />${fix}`}</p>
    <neuroada-button appearance="secondary" @click=${() => actions.retry()}>${t('Try Again')}</neuroada-button>
    ${
      isBug
        ? html`<neuroada-button appearance="secondary" @click=${() => actions.showLog()}>
            ${t('Show Log')}
          </neuroada-button>`
        : nothing
    }
  </div>`;
}

/** Something is on its way. */
export function waiting(text: string): TemplateResult {
  return html`<div class="waiting" role="status">
    <neuroada-progress-ring aria-hidden="true"></neuroada-progress-ring>
    <p>${text}</p>
  </div>`;
}

/** There is nothing to show, and why. */
export function emptiness(icon: string, title: string, text: string): TemplateResult {
  return html`<div class="waiting">
    <span class="codicon codicon-${icon}" aria-hidden="true"></span>
    <p class="waiting-title">${title}</p>
    <p class="muted">${text}</p>
  </div>`;
}
