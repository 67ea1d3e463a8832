/** The comparison of every module as a table. */
import { html, type TemplateResult } from 'lit';
import { t } from '../../host/translations.ts';
import { countText } from '../../text/figures.ts';
import { moduleTitle } from '../text/values.ts';
import { COMPARISON_MEASURES, comparisonMeasureName, comparisonText } from './comparisonMeasure.ts';
import type { ComparisonModel } from './comparisonModel.ts';

export function comparisonModules({ modules }: ComparisonModel): TemplateResult {
  const caption = t('Both sources by module');
  return html`<div class="table-scroll" role="region" tabindex="0" aria-label=${caption}>
    <table class="table">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          <th scope="col">${t('Module')}</th>
          <th scope="col">${t('In both')}</th>
          <th scope="col">${t('In either')}</th>
          ${COMPARISON_MEASURES.map((measure) => html`<th scope="col">${comparisonMeasureName(measure)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${[...modules.values()].map(
          (each) =>
            html`<tr>
              <th scope="row">${moduleTitle(each.module)}</th>
              <td>${countText(each.shared)}</td>
              <td>${countText(each.united)}</td>
              ${COMPARISON_MEASURES.map((measure) => html`<td>${comparisonText(measure, each[measure])}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
