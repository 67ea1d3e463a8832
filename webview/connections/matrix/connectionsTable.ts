/** The selected connections in sight as a table: the same figures as in the picture. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ConnectionList } from '../../../engine/protocol/connections/inspection.ts';
import { countText } from '../../text/figures.ts';
import { t } from '../../host/translations.ts';
import { linkButton } from '../controls/choice.ts';
import { problemBanner, waiting } from '../controls/problem.ts';
import { deltaText, exactText } from '../text/values.ts';
import type { MatrixModel } from '../model/matrixModel.ts';
import type { Scene } from './painting/scene.ts';
import { visibleWindow } from './visibleWindow.ts';

const ROWS = 500;

export function connectionsTable(model: MatrixModel, scene: Scene | undefined): TemplateResult {
  const { view } = model;
  const { shown, answers, actions } = view;
  const params = { source: shown.source, window: visibleWindow(model, scene), limit: ROWS };
  const answer = answers.of('inspection/connections', params, shown.revision);
  if (answer.status === 'waiting') return waiting(t('Reading the connections…'));
  if (answer.status === 'failed') return problemBanner(answer.problem, actions);
  const { rows, total } = answer.value;
  const caption =
    total > rows.length
      ? t('The first {0} of {1} selected connections in sight', countText(rows.length), countText(total))
      : t('{0} selected connections in sight', countText(total));
  return html`<div class="table-scroll" role="region" tabindex="0" aria-label=${caption}>
    <table class="table">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          <th scope="col">${t('Neuron')}</th>
          <th scope="col">${t('Input')}</th>
          <th scope="col">W</th>
          ${
            answer.value.deltas === null
              ? nothing
              : html`<th scope="col">Δ</th>
                  <th scope="col">W + Δ</th>`
          }
        </tr>
      </thead>
      <tbody>
        ${Array.from(rows, (_, index) => tableRow(model, answer.value, index))}
      </tbody>
    </table>
  </div>`;
}

function tableRow({ view, module }: MatrixModel, list: ConnectionList, index: number): TemplateResult {
  const [row, column, weight] = [list.rows[index]!, list.columns[index]!, list.weights[index]!];
  const delta = list.deltas?.[index];
  return html`<tr>
    <td>
      ${linkButton(row, t('Inspect neuron {0}, input {1}', row, column), () =>
        view.actions.open({ module: module.module, row, column }),
      )}
    </td>
    <td>${column}</td>
    <td>${exactText(weight)}</td>
    ${
      delta === undefined
        ? nothing
        : html`<td>${deltaText(delta)}</td>
            <td>${exactText(Math.fround(weight + delta))}</td>`
    }
  </tr>`;
}
