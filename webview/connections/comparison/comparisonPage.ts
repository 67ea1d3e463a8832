/** Two sources compared: a grid of overlap, correlation or difference, and the connections that moved most. */
import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../../host/translations.ts';
import { countText, percentText } from '../../text/figures.ts';
import type { ShownSource, View } from '../view/view.ts';
import { segments } from '../controls/choice.ts';
import { legend } from '../controls/legend.ts';
import { problemBanner } from '../controls/problem.ts';
import { moduleGrid } from '../grid/moduleGrid.ts';
import { comparisonGrid } from './comparisonGrid.ts';
import {
  COMPARISON_MEASURES,
  comparisonMeasureExplanation,
  comparisonMeasureName,
  comparisonText,
} from './comparisonMeasure.ts';
import { comparisonModel, type ComparisonModel } from './comparisonModel.ts';
import { comparisonModules } from './comparisonModules.ts';
import { movedTable } from './movedTable.ts';

export function comparisonPage(view: View, right: ShownSource): TemplateResult {
  const { state, actions } = view;
  const model = comparisonModel(view, right);
  const measure = state.comparisonMeasure;
  const grid = comparisonGrid(view, model, measure);
  const options = COMPARISON_MEASURES.map((value) => ({ value, label: comparisonMeasureName(value) }));
  return html`<section class="comparison" aria-label=${t('Comparison')}>
    <div class="toolbar">
      ${segments(t('Measure'), options, measure, (chosen) => actions.update({ comparisonMeasure: chosen }))}
      ${legend({
        title: comparisonMeasureName(measure),
        scale: grid.scale,
        palette: grid.palette,
        text: (value) => comparisonText(measure, value),
      })}
    </div>
    <p class="muted explanation">${comparisonMeasureExplanation(measure)}. ${totals(model)}</p>
    ${model.problem === undefined ? nothing : problemBanner(model.problem, actions)}
    ${
      model.unshared.length === 0
        ? nothing
        : html`<p class="note">
            ${t('{0} modules are in one of the two only and are left out.', countText(model.unshared.length))}
          </p>`
    }
    <div class="comparison-body">
      ${state.isTable ? comparisonModules(model) : html`<div class="grids"><div class="grid-side">${moduleGrid(grid)}</div></div>`}
      ${movedTable(view, model)}
    </div>
  </section>`;
}

/** Over all modules: shares as one large module would have them, the correlation of the middle one. */
function totals({ modules, isComplete }: ComparisonModel): string {
  if (!isComplete) return t('Comparing…');
  const all = [...modules.values()];
  const shared = all.reduce((sum, module) => sum + module.shared, 0);
  const united = all.reduce((sum, module) => sum + module.united, 0);
  if (united === 0) return '';
  const overlap = t(
    '{0} of {1} connections are shared ({2}).',
    countText(shared),
    countText(united),
    percentText(shared / united),
  );
  const correlation = median(all.map(({ deltaCorrelation }) => deltaCorrelation));
  if (correlation === undefined) return overlap;
  const text = comparisonText('deltaCorrelation', correlation);
  return `${overlap} ${t('The median correlation of deltas by module is {0}.', text)}`;
}

/** Of the numbers among them. */
function median(values: readonly number[]): number | undefined {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
