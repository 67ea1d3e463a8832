/** An input feature: the neurons that chose it, in every module that reads it, and what makes it up. */
import { html, nothing, type TemplateResult } from 'lit';
import type { InputChoice } from '../../../engine/protocol/connections/inspection.ts';
import { t } from '../../host/translations.ts';
import { countText } from '../../text/figures.ts';
import { moduleOf } from '../view/view.ts';
import { linkButton } from '../controls/choice.ts';
import { problemBanner, waiting } from '../controls/problem.ts';
import type { MatrixModel } from '../model/matrixModel.ts';
import { deltaText, moduleTitle, valueText } from '../text/values.ts';
import { links } from './links.ts';

/** Neurons listed of one module: a hub is chosen by thousands. */
const LISTED = 60;

export function inputCard(model: MatrixModel, column: number): TemplateResult {
  const { view, module } = model;
  const { shown, answers, actions } = view;
  const params = { source: shown.source, module: module.module, column };
  const answer = answers.of('inspection/input', params, shown.revision);
  return html`<section class="card" aria-label=${t('Input {0}', column)}>
    <header>
      <h2>${t('Input {0}', column)}</h2>
      <p class="muted">${moduleTitle(module)}</p>
    </header>
    ${
      answer.status === 'known'
        ? html`${answer.value.chosenBy.map((choice, index) => choiceList(model, choice, column, index === 0))}
          ${links(t('Made up of'), answer.value.fedBy, 'row', view)}`
        : answer.status === 'failed'
          ? problemBanner(answer.problem, actions)
          : waiting(t('Reading the input…'))
    }
  </section>`;
}

function choiceList(model: MatrixModel, choice: InputChoice, column: number, isOpen: boolean): TemplateResult {
  const { view } = model;
  const described = moduleOf(view.shown, choice.module);
  const title = described === undefined ? choice.module : described.kind;
  const count = choice.rows.length;
  if (count === 0) {
    return html`<p class="choice-none">
      <strong>${title}</strong> <span class="muted">${t('chosen by no neuron')}</span>
    </p>`;
  }
  const order = largestFirst(choice).slice(0, LISTED);
  return html`<details ?open=${isOpen}>
    <summary>
      <strong>${title}</strong>
      <span class="muted">${count === 1 ? t('chosen by 1 neuron') : t('chosen by {0} neurons', countText(count))}</span>
    </summary>
    <div
      class="table-scroll"
      role="region"
      tabindex="0"
      aria-label=${t('Neurons of {0} that chose input {1}', title, column)}
    >
      <table class="table">
        <thead>
          <tr>
            <th scope="col">${t('Neuron')}</th>
            <th scope="col">W</th>
            ${choice.deltas === null ? nothing : html`<th scope="col">Δ</th>`}
          </tr>
        </thead>
        <tbody>
          ${order.map((index) => choiceRow(model, choice, index, column))}
        </tbody>
      </table>
    </div>
    ${count > LISTED ? html`<p class="muted">${t('The {0} of largest magnitude', LISTED)}</p>` : nothing}
  </details>`;
}

function choiceRow({ view }: MatrixModel, choice: InputChoice, index: number, column: number): TemplateResult {
  const row = choice.rows[index]!;
  const { module } = choice;
  const isMarked = module === view.state.module && row === view.state.selected?.row;
  return html`<tr class=${isMarked ? 'marked' : ''}>
    <td>
      ${linkButton(row, t('Show neuron {0} of {1}', row, module), () => view.actions.open({ module, row, column }))}
    </td>
    <td>${valueText(choice.weights[index]!)}</td>
    ${choice.deltas === null ? nothing : html`<td>${deltaText(choice.deltas[index]!)}</td>`}
  </tr>`;
}

/** By |delta|, or |W| where there are none. */
function largestFirst({ weights, deltas }: InputChoice): number[] {
  const values = deltas ?? weights;
  return [...values.keys()].sort((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!) || a - b);
}
