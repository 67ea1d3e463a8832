/** The overview as a table: every measure of every module, the same figures as in the grid. */
import { html, type TemplateResult } from 'lit';
import { MEASURES } from '../../../engine/protocol/connections/inspection.ts';
import { t } from '../../host/translations.ts';
import { measureName, measureText } from '../text/measures.ts';
import { moduleTitle } from '../text/values.ts';
import type { OverviewModel, OverviewSide } from './overviewModel.ts';

export function overviewTable({ sides }: OverviewModel): TemplateResult {
  return html`${sides.map(sideTable)}`;
}

function sideTable({ shown: { description }, figures }: OverviewSide): TemplateResult {
  const caption = t('Measures of {0} by module', description.name);
  return html`<div class="table-scroll" role="region" tabindex="0" aria-label=${caption}>
    <table class="table">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          <th scope="col">${t('Module')}</th>
          ${MEASURES.map((measure) => html`<th scope="col">${measureName(measure)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${description.modules.map(
          (module) =>
            html`<tr>
              <th scope="row">${moduleTitle(module)}</th>
              ${MEASURES.map((measure) => {
                const value = figures.value(module.module, measure);
                return html`<td>${value === undefined ? '…' : measureText(measure, value)}</td>`;
              })}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
