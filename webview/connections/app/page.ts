/** The whole view: what is shown and of which moment, the pages, and what can be done with them. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Side, ViewProblem } from '../../../engine/protocol/connectionsView.ts';
import { t } from '../../host/translations.ts';
import { comparisonPage } from '../comparison/comparisonPage.ts';
import { problemBanner, waiting, emptiness, type ProblemActions } from '../controls/problem.ts';
import { tabs } from '../controls/tabs.ts';
import type { MatrixController } from '../matrix/matrixController.ts';
import { matrixPage } from '../matrix/matrixPage.ts';
import { overviewPage } from '../overview/overviewPage.ts';
import { pageActions, type ComparisonActions } from './pageActions.ts';
import { momentSliders, type Playback } from './momentSlider.ts';
import { pageHead } from './pageHead.ts';
import { trailButtons, type TrailActions } from './trailButtons.ts';
import type { View } from '../view/view.ts';

export interface PageParts {
  readonly matrix: MatrixController;
  readonly playback: Readonly<Record<Side, Playback>>;
  readonly trail: TrailActions;
  readonly comparison: ComparisonActions;
}

export function page(view: View, parts: PageParts): TemplateResult {
  const { state, right, actions, left } = view;
  const options = [
    { value: 'overview', label: t('Overview') },
    { value: 'matrix', label: t('Matrix') },
    ...(right === undefined ? [] : [{ value: 'comparison', label: t('Comparison') } as const]),
  ] as const;
  if (left.description.modules.length === 0) return html`<main>${pageHead(view)}${nothingSelected()}</main>`;
  return html`<main>
    <header class="page-head">${pageHead(view)} ${pageActions(view, parts.matrix, parts.comparison)}</header>
    <div class="page-bar">
      <div class="page-places">
        ${tabs(t('Pages'), options, state.page, (chosen) => actions.update({ page: chosen }))}
        ${trailButtons(parts.trail)}
      </div>
      ${momentSliders(view, parts.playback)}
    </div>
    <div id="page" role="tabpanel" aria-labelledby="tab-${state.page}" class="page page-${state.page}">
      ${pageBody(view, parts)}
    </div>
  </main>`;
}

function pageBody(view: View, { matrix }: PageParts): TemplateResult | typeof nothing {
  switch (view.state.page) {
    case 'overview':
      return overviewPage(view);
    case 'matrix':
      return matrixPage(view, matrix);
    case 'comparison':
      return view.right === undefined ? nothing : comparisonPage(view, view.right);
  }
}

function nothingSelected(): TemplateResult {
  return emptiness('circuit-board', t('No Connections'), t('This source has no module with selected connections.'));
}

export function waitingPage(): TemplateResult {
  return html`<main>${waiting(t('Reading the connections…'))}</main>`;
}

export function problemPage(problem: ViewProblem, actions: ProblemActions): TemplateResult {
  return html`<main>
    <h1>${t('Connections Cannot Be Shown')}</h1>
    ${problemBanner(problem, actions)}
  </main>`;
}
