/** The runs of the charts by their lines, each with a button that takes it out of the view. */
import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../../host/translations.ts';
import type { ViewState } from '../state/progressState.ts';
import { runStyle } from '../state/runStyle.ts';
import { swatch } from '../figures/swatch.ts';

export interface LegendListener {
  remove(runId: string): void;
  /** A run to stand out in the charts; undefined for none. */
  emphasize(runId: string | undefined): void;
}

export function legend({ runs = [], theme }: ViewState, listener: LegendListener): TemplateResult | typeof nothing {
  if (runs.length < 2) return nothing;
  return html`<ul class="legend" aria-label=${t('Shown Runs')}>
    ${runs.map(
      ({ runId, name }, index) =>
        html`<li
          class="legend-run"
          @pointerenter=${() => listener.emphasize(runId)}
          @pointerleave=${() => listener.emphasize(undefined)}
          @focusin=${() => listener.emphasize(runId)}
          @focusout=${() => listener.emphasize(undefined)}
        >
          ${swatch(runStyle(index, theme.isDark))}
          <span class="legend-name" title=${name}>${name}</span>
          <neuroada-button
            appearance="icon"
            aria-label=${t('Remove {0} from This View', name)}
            title=${t('Remove from This View')}
            @click=${() => listener.remove(runId)}
          >
            <span class="codicon codicon-close"></span>
          </neuroada-button>
        </li>`,
    )}
  </ul>`;
}
