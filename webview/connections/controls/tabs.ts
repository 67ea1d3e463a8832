/** Tabs by the WAI-ARIA pattern: one stop for Tab, arrow keys choose. */
import { html, type TemplateResult } from 'lit';
import type { Option } from './choice.ts';

export function tabs<T extends string>(
  label: string,
  options: readonly Option<T>[],
  chosen: T,
  choose: (value: T) => void,
): TemplateResult {
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined || event.altKey) return;
    const index = options.findIndex(({ value }) => value === chosen);
    const next = options[(index + step + options.length) % options.length]!.value;
    choose(next);
    document.getElementById(`tab-${next}`)?.focus();
    event.preventDefault();
  };
  return html`<div class="tabs" role="tablist" aria-label=${label} @keydown=${move}>
    ${options.map(
      ({ value, label: text }) =>
        html`<button
          type="button"
          class="tab"
          role="tab"
          id="tab-${value}"
          aria-controls="page"
          aria-selected=${value === chosen}
          tabindex=${value === chosen ? 0 : -1}
          @click=${() => choose(value)}
        >
          ${text}
        </button>`,
    )}
  </div>`;
}
