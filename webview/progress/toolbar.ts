/** What can be set for all charts at once, and what can be done with what they show. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ProgressDisplay } from '../../engine/protocol/webview.ts';
import { t } from '../host/translations.ts';
import { legend, type LegendListener } from './plot/legend.ts';
import { extentOf, type ViewState } from './state/progressState.ts';

export interface ToolbarListener extends LegendListener {
  smooth(smoothing: number): void;
  display(change: Partial<ProgressDisplay>): void;
  showAll(): void;
  chooseRuns(): void;
  exportCsv(): void;
  exportPng(): void;
}

/** Beyond this an average says little of a run of a few thousand steps. */
const MOST_SMOOTHING = 0.99;

export function toolbar(state: ViewState, listener: ToolbarListener): TemplateResult {
  const hasSteps = extentOf(state) !== null;
  const { isTable } = state.display;
  return html`<div class="toolbar">
    <div class="toolbar-row" role="toolbar" aria-label=${t('Charts')}>
      ${hasSteps ? viewControls(state, listener) : nothing}
      <span class="toolbar-end">
        ${hasSteps ? exportButton('CSV', t('Export CSV…'), () => listener.exportCsv()) : nothing}
        ${hasSteps && !isTable ? exportButton('PNG', t('Export PNG…'), () => listener.exportPng()) : nothing}
        ${button('add', t('Add Run…'), () => listener.chooseRuns())}
      </span>
    </div>
    ${legend(state, listener)}
  </div>`;
}

function viewControls({ view, display }: ViewState, listener: ToolbarListener): TemplateResult {
  const { isTable, isLogScale } = display;
  return html`
    <span class="segments" role="group" aria-label=${t('Show As')}>
      ${segment('graph-line', t('Charts'), !isTable, () => listener.display({ isTable: false }))}
      ${segment('list-flat', t('Table'), isTable, () => listener.display({ isTable: true }))}
    </span>
    ${isTable ? nothing : smoothingSlider(view.smoothing, listener)}
    ${
      isTable
        ? nothing
        : html`<neuroada-checkbox
            ?checked=${isLogScale}
            title=${t('Loss, learning rate and gradient norm on a logarithmic axis')}
            @change=${(event: Event) => listener.display({ isLogScale: isChecked(event) })}
            >${t('Log Scale')}</neuroada-checkbox
          >`
    }
    ${view.range === null ? nothing : button('screen-normal', t('Show All Steps'), () => listener.showAll())}
  `;
}

function smoothingSlider(smoothing: number, listener: ToolbarListener): TemplateResult {
  return html`<label class="slider" title=${t('Weight of earlier steps in the moving average')}>
    <span>${t('Smoothing')}</span>
    <input
      type="range"
      min="0"
      max=${MOST_SMOOTHING}
      step="0.01"
      .value=${String(smoothing)}
      @input=${(event: Event) => listener.smooth(Number((event.target as HTMLInputElement).value))}
    />
    <output class="figure-number">${smoothing.toFixed(2)}</output>
  </label>`;
}

function segment(icon: string, label: string, isPressed: boolean, press: () => void): TemplateResult {
  return html`<button class="segment" type="button" aria-pressed=${isPressed} @click=${press}>
    <span class="codicon codicon-${icon}" aria-hidden="true"></span>${label}
  </button>`;
}

function exportButton(format: string, label: string, press: () => void): TemplateResult {
  return html`<neuroada-button appearance="icon" aria-label=${label} title=${label} @click=${press}>
    <span slot="start" class="codicon codicon-export"></span>${format}
  </neuroada-button>`;
}

function button(icon: string, label: string, press: () => void): TemplateResult {
  return html`<neuroada-button appearance="secondary" @click=${press}>
    <span slot="start" class="codicon codicon-${icon}"></span>${label}
  </neuroada-button>`;
}

/** The toolkit's checkbox tells its state by a property. */
function isChecked(event: Event): boolean {
  return (event.target as EventTarget & { readonly checked: boolean }).checked;
}
