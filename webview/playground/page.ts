/** The playground's page: the question above, the answers of both sides below, a token's probabilities beside them. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ModelSide, SamplingParams } from '../../engine/protocol/answers/generation.ts';
import type { PlaygroundQuestion } from '../../engine/protocol/answers/playground.ts';
import { t } from '../host/translations.ts';
import { answerPart } from './answerPart.ts';
import type { PageState, PointedToken } from './playgroundModel.ts';
import { questionForm } from './questionForm.ts';
import { tokenDetail } from './tokenDetail.ts';

export interface PageListener {
  question(change: Partial<PlaygroundQuestion>, sampling?: Partial<SamplingParams>): void;
  ask(): void;
  stop(): void;
  chooseModel(): void;
  point(pointed: PointedToken | undefined): void;
  /** Moves the pointed token within a side's answer. */
  pointBy(side: ModelSide, places: number): void;
}

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
