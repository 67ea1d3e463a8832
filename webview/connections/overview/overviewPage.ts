/** The model at a glance: layers by kinds of module, coloured by a measure; of two sources side by side on one scale. */
import { html, nothing, type TemplateResult } from 'lit';
import { MEASURES } from '../../../engine/protocol/connections/inspection.ts';
import { t } from '../../host/translations.ts';
import { moduleOf, type View } from '../view/view.ts';
import { dropdown } from '../controls/choice.ts';
import { legend } from '../controls/legend.ts';
import { problemBanner } from '../controls/problem.ts';
import { scaleChoice } from '../controls/scaleChoice.ts';
import { measureExplanation, measureName, needsDeltas, shortMeasureText } from '../text/measures.ts';
import { moduleCard } from './moduleCard.ts';
import { moduleGrid } from '../grid/moduleGrid.ts';
import { overviewModel, type OverviewModel } from './overviewModel.ts';
import { sideGrid } from './sideGrid.ts';
import { overviewTable } from './overviewTable.ts';

export function overviewPage(view: View): TemplateResult {
  const { state, look, left, actions } = view;
  const model = overviewModel(view);
  const { measure } = state;
  const problem = model.sides.find(({ figures }) => figures.problem !== undefined)?.figures.problem;
  const options = MEASURES.map((value) => ({
    value,
    label: measureName(value),
    isDisabled: needsDeltas(value) && !left.description.hasDeltas,
  }));
  return html`<section class="overview" aria-label=${t('Overview')}>
    <div class="toolbar">
      ${dropdown(t('Measure'), options, measure, (value) => actions.update({ measure: value }))}
      ${scaleChoice(state.overviewScale, (overviewScale) => actions.update({ overviewScale }))}
      ${legend({
        title: measureName(measure),
        scale: model.scale,
        palette: look.sequential,
        text: (value) => shortMeasureText(measure, value),
      })}
    </div>
    <p class="muted explanation">${measureExplanation(measure)}.</p>
    ${problem === undefined ? nothing : problemBanner(problem, actions)}
    ${state.isTable ? overviewTable(model) : picture(view, model)}
  </section>`;
}

function picture(view: View, model: OverviewModel): TemplateResult {
  const active = moduleOf(view.left, view.state.module);
  return html`<div class="overview-body">
    <div class=${model.sides.length === 1 ? 'grids' : 'grids grids-two'}>
      ${model.sides.map((side) => {
        const grid = sideGrid(view, model, side);
        return html`<div class="grid-side">
          ${model.sides.length === 1 ? nothing : html`<h2>${grid.title}</h2>`} ${moduleGrid(grid)}
        </div>`;
      })}
    </div>
    ${active === undefined ? nothing : moduleCard(view, model, active)}
  </div>`;
}
