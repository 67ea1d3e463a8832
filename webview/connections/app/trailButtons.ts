/** Back to the places that links led away from, and forth again: buttons, and the keys that the editor has for it. */
import { html, type TemplateResult } from 'lit';
import { t } from '../../host/translations.ts';

export interface TrailActions {
  readonly canGoBack: boolean;
  readonly canGoForward: boolean;
  goBack(): void;
  goForward(): void;
}

export function trailButtons(trail: TrailActions): TemplateResult {
  return html`<span class="trail" role="group" aria-label=${t('Places Seen')}>
    ${button('arrow-left', t('Back (Alt+Left)'), !trail.canGoBack, () => trail.goBack())}
    ${button('arrow-right', t('Forward (Alt+Right)'), !trail.canGoForward, () => trail.goForward())}
  </span>`;
}

function button(icon: string, label: string, isDisabled: boolean, press: () => void): TemplateResult {
  return html`<neuroada-button
    appearance="icon"
    aria-label=${label}
    title=${label}
    ?disabled=${isDisabled}
    @click=${press}
  >
    <span class="codicon codicon-${icon}"></span>
  </neuroada-button>`;
}

/** A key that leads somewhere here is kept from the editor, which would leave the view. */
export function listenToTrailKeys(trail: TrailActions): void {
  const pressed = (event: KeyboardEvent): void => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const isBack = event.key === 'ArrowLeft' && trail.canGoBack;
    if (!isBack && !(event.key === 'ArrowRight' && trail.canGoForward)) return;
    event.preventDefault();
    event.stopPropagation();
    if (isBack) trail.goBack();
    else trail.goForward();
  };
  document.addEventListener('keydown', pressed, { capture: true });
}
