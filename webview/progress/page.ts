/** The whole page as it follows from the state. */
import { html, type TemplateResult } from 'lit';
import { t } from '../host/translations.ts';
import { chartPanel } from './plot/chartPanel.ts';
import { comparisonTable, scoresTable } from './figures/comparisonTable.ts';
import { figuresTable } from './figures/figuresTable.ts';
import type { ChartKind } from './state/metrics.ts';
import type { PlotLine } from './plot/plotLines.ts';
import type { PlotListener } from './plot/plotModel.ts';
import { extentOf, type ViewState } from './state/progressState.ts';
import { runCards, type CardListener } from './cards/runCards.ts';
import { toolbar, type ToolbarListener } from './toolbar.ts';
import { waiting } from './cards/waiting.ts';

export interface Chart {
  readonly kind: ChartKind;
  readonly lines: readonly PlotLine[];
}

export interface PageListener extends CardListener, ToolbarListener {
  readonly plot: PlotListener;
}

export function page(state: ViewState, charts: readonly Chart[], listener: PageListener): TemplateResult {
  const { runs } = state;
  if (runs === undefined) return html`<main aria-busy="true"></main>`;
  return html`<main>
    ${runs.length === 0 ? '' : runCards(state, listener)} ${runs.length === 0 ? '' : toolbar(state, listener)}
    ${content(state, charts, listener)} ${scoresTable(state)}
    ${comparisonTable(state, (change) => listener.display(change))}
  </main>`;
}

function content(state: ViewState, charts: readonly Chart[], listener: PageListener): TemplateResult {
  if (extentOf(state) === null) return waiting(state.runs ?? [], () => listener.chooseRuns());
  if (state.display.isTable) return figuresTable(state);
  return html`<div class="charts">
      ${charts.map(({ kind, lines }) => chartPanel(kind, lines, state, listener.plot))}
    </div>
    <p class="hint muted">
      ${state.curves.length > 1 ? t('Lines are training losses, marked points evaluations.') : ''}
      ${t('Drag across a chart to zoom, or hold Ctrl and scroll. Double-click or press Escape to show all steps.')}
    </p>`;
}
