/** The figures of the charts as a table: exact, at the same steps for every run. */
import { html, type TemplateResult } from 'lit';
import { METRICS, type Metric, type RunCurves } from '../../../engine/protocol/webview.ts';
import { t } from '../../host/translations.ts';
import { metricText, metricTitle } from '../state/metrics.ts';
import type { ViewState } from '../state/progressState.ts';

export function figuresTable({ curves, runs = [] }: ViewState): TemplateResult {
  const steps = curves[0]?.samples.steps ?? new Float64Array();
  const name = (run: RunCurves): string => runs.find(({ runId }) => runId === run.runId)?.name ?? '';
  const isLone = curves.length === 1;
  // Newest first: what happens now is at the top.
  const rows = [...steps.keys()].reverse();
  return html`<div class="table-scroll" role="region" tabindex="0" aria-label=${t('Figures by Step')}>
    <table class="table figures-table">
      <caption class="visually-hidden">
        ${t('Logged figures at chosen steps, newest first')}
      </caption>
      <thead>
        <tr>
          <th scope="col" rowspan=${isLone ? 1 : 2}>${t('Step')}</th>
          ${METRICS.map(
            (metric) =>
              html`<th scope=${isLone ? 'col' : 'colgroup'} colspan=${curves.length}>${metricTitle(metric)}</th>`,
          )}
        </tr>
        ${
          isLone
            ? ''
            : html`<tr>
                ${METRICS.map(() => curves.map((run) => html`<th scope="col" class="run-column">${name(run)}</th>`))}
              </tr>`
        }
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              <th scope="row">${steps[row]!.toLocaleString()}</th>
              ${METRICS.map((metric) => curves.map((run) => html`<td>${cellText(run, metric, row)}</td>`))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Empty where the run logged no such figure at the step. */
function cellText(run: RunCurves, metric: Metric, row: number): string {
  const value = run.samples.values[metric][row];
  return value === undefined || Number.isNaN(value) ? '' : metricText(metric, value);
}
