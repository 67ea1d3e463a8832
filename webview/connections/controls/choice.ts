/** Controls that every page uses: a labelled drop-down, a group of switches, a button with an icon. */
import { html, nothing, type TemplateResult } from 'lit';

export interface Option<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly isDisabled?: boolean;
}

export function dropdown<T extends string>(
  label: string,
  options: readonly Option<T>[],
  value: T,
  choose: (value: T) => void,
): TemplateResult {
  return html`<label class="choice">
    <span>${label}</span>
    <select .value=${value} @change=${(event: Event) => choose((event.target as HTMLSelectElement).value as T)}>
      ${options.map(
        (option) =>
          html`<option
            value=${option.value}
            ?selected=${option.value === value}
            ?disabled=${option.isDisabled === true}
          >
            ${option.label}
          </option>`,
      )}
    </select>
  </label>`;
}

export function segments<T extends string>(
  label: string,
  options: readonly Option<T>[],
  value: T,
  choose: (value: T) => void,
): TemplateResult {
  return html`<span class="segments" role="group" aria-label=${label}>
    ${options.map(
      (option) =>
        html`<button
          type="button"
          class="segment"
          aria-pressed=${option.value === value}
          ?disabled=${option.isDisabled === true}
          @click=${() => choose(option.value)}
        >
          ${option.label}
        </button>`,
    )}
  </span>`;
}

export function iconButton(icon: string, label: string, press: () => void, isPressed?: boolean): TemplateResult {
  return html`<neuroada-button
    appearance="icon"
    aria-label=${label}
    title=${label}
    aria-pressed=${isPressed ?? nothing}
    @click=${press}
  >
    <span class="codicon codicon-${icon}"></span>
  </neuroada-button>`;
}

/** An index that leads somewhere. */
export function linkButton(text: string | number, label: string, press: () => void): TemplateResult {
  return html`<button type="button" class="link" aria-label=${label} title=${label} @click=${press}>${text}</button>`;
}
