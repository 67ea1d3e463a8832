/** The playground's page: the question above, the answers of both sides below, a token's probabilities beside them. */
import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../host/translations.ts';
import { answerPart } from './answerPart.ts';
import type { PageState } from './playgroundModel.ts';
import { questionForm } from './questionForm.ts';
import { tokenDetail } from './tokenDetail.ts';
import type { PageListener } from './pageListener.ts';

export function page(state: PageState, listener: PageListener): TemplateResult {
  const sides = state.model?.sides ?? [];
  return html`
    <main>
      <header class="head">
        <h1>${state.model?.name ?? t('Try Model')}</h1>
        <neuroada-button appearance="secondary" @click=${() => listener.chooseModel()}>
          ${t('Change Model')}
        </neuroada-button>
      </header>
      ${questionForm(state, listener)} ${progressPart(state)}
      <div class="answers">${sides.map((side) => answerPart(side, state, listener))}</div>
      ${tokenDetail(state)}
    </main>
  `;
}

function progressPart({ problem, phase }: PageState): TemplateResult {
  return html`
    <div class="progress" role="status">
      ${phase === '' ? nothing : html`<neuroada-progress-ring></neuroada-progress-ring><span>${phase}</span>`}
    </div>
    ${problem === undefined ? nothing : html`<p class="banner" role="alert">${problem}</p>`}
  `;
}
