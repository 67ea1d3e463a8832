/** For a base checkpoint: of how many connections, chosen how, the preview is. */
import { html, nothing, type TemplateResult } from 'lit';
import type { CheckpointSource } from '../../../engine/protocol/connections/connectionSource.ts';
import { t } from '../../host/translations.ts';
import { dropdown } from '../controls/choice.ts';
import type { View } from '../view/view.ts';

/** More than any module has inputs. */
const MOST = 1_000_000;

export function budgetChoice({ left: { source }, actions }: View): TemplateResult | typeof nothing {
  if (source.kind !== 'checkpoint') return nothing;
  const show = (change: Partial<CheckpointSource>): void => actions.showSource({ ...source, ...change });
  const options = [
    { value: 'magnitude', label: t('Largest magnitude') },
    { value: 'reverse', label: t('Smallest magnitude') },
  ] as const;
  return html`<div class="toolbar budget">
    <label class="choice">
      <span>${t('Connections per neuron')}</span>
      <input
        type="number"
        min="1"
        max=${MOST}
        step="1"
        .value=${String(source.k)}
        @change=${(event: Event) => {
          const input = event.target as HTMLInputElement;
          if (input.validity.valid && input.value !== '') show({ k: input.valueAsNumber });
          else input.value = String(source.k);
        }}
      />
    </label>
    ${dropdown(t('Chosen by'), options, source.strategy, (strategy) => show({ strategy }))}
    <span class="muted">${t('What would be selected; nothing is trained yet.')}</span>
  </div>`;
}
