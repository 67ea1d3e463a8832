/** Scores and configurations of the shown runs side by side, differences marked by a sign and not by colour alone. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ComparisonRow, ProgressDisplay } from '../../../engine/protocol/webview.ts';
import { t } from '../../host/translations.ts';
import { NO_FIGURE } from '../../text/figures.ts';
import type { ViewState } from '../state/progressState.ts';
import { runStyle } from '../state/runStyle.ts';
import { swatch } from './swatch.ts';

export function comparisonTable(
  state: ViewState,
  display: (change: Partial<ProgressDisplay>) => void,
): TemplateResult | typeof nothing {
  const { runs = [], comparison, display: shown } = state;
  if (comparison.length === 0) return nothing;
  if (runs.length < 2) return loneConfiguration(comparison);
  const rows = shown.onlyDifferences ? comparison.filter(({ isDifferent }) => isDifferent) : comparison;
  return html`<section class="comparison" aria-labelledby="comparison-title">
    <header class="section-head">
      <h2 id="comparison-title">${t('Configurations')}</h2>
      <neuroada-checkbox
        ?checked=${shown.onlyDifferences}
        @change=${(event: Event) =>
          display({ onlyDifferences: (event.target as EventTarget & { readonly checked: boolean }).checked })}
        >${t('Only Differences')}</neuroada-checkbox
      >
    </header>
    ${
      rows.length === 0
        ? html`<p class="muted">${t('These runs have the same configuration.')}</p>`
        : table(state, rows, { caption: t('Fields of the Configurations'), field: t('Field') })
    }
  </section>`;
}

/** What evaluations of the finished models scored. */
export function scoresTable(state: ViewState): TemplateResult | typeof nothing {
  if (state.scores.length === 0) return nothing;
  return html`<section class="comparison" aria-labelledby="scores-title">
    <header class="section-head"><h2 id="scores-title">${t('Evaluations')}</h2></header>
    ${table(state, state.scores, { caption: t('Scores of the Evaluations'), field: t('Evaluation') })}
  </section>`;
}

interface TableWords {
  readonly caption: string;
  /** Head of the first column. */
  readonly field: string;
}

function table(
  { runs = [], theme }: ViewState,
  rows: readonly ComparisonRow[],
  { caption, field }: TableWords,
): TemplateResult {
  return html`<div class="table-scroll" role="region" tabindex="0" aria-label=${caption}>
    <table class="table comparison-table">
      <thead>
        <tr>
          <th scope="col">${field}</th>
          ${runs.map(
            ({ name }, index) =>
              html`<th scope="col">${swatch(runStyle(index, theme.isDark))} <span>${name}</span></th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => comparisonRow(row))}
      </tbody>
    </table>
  </div>`;
}

function comparisonRow({ field, values, isDifferent }: ComparisonRow): TemplateResult {
  const sign = html`<span class="codicon codicon-diff-modified" role="img" aria-label=${t('different')}></span>`;
  return html`<tr class=${isDifferent ? 'is-different' : ''}>
    <th scope="row"><code>${field}</code>${isDifferent ? sign : nothing}</th>
    ${values.map((value) => html`<td title=${value ?? ''}>${value ?? NO_FIGURE}</td>`)}
  </tr>`;
}

function loneConfiguration(rows: readonly ComparisonRow[]): TemplateResult {
  return html`<details class="comparison">
    <summary><h2>${t('Configuration')}</h2></summary>
    <table class="table comparison-table">
      <tbody>
        ${rows.map(
          ({ field, values }) =>
            html`<tr>
              <th scope="row"><code>${field}</code></th>
              <td>${values[0] ?? NO_FIGURE}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}
