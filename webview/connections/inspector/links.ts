/** Steps along the data's path from a neuron or to an input, each leading to the other module. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Link } from '../../../engine/protocol/connections/inspection.ts';
import { t } from '../../host/translations.ts';
import { moduleOf, type View } from '../view/view.ts';
import { moduleTitle } from '../text/values.ts';

/** The nearest ones tell most: a late layer's input is fed by every layer before it. */
const SHOWN = 6;

/** @param axis whether links lead to neurons or to inputs */
export function links(
  title: string,
  all: readonly Link[],
  axis: 'row' | 'column',
  view: View,
): TemplateResult | typeof nothing {
  if (all.length === 0) return nothing;
  const rest = all.slice(SHOWN);
  return html`<div class="links">
    <h3>${title}</h3>
    <ul>
      ${all.slice(0, SHOWN).map((link) => item(link, axis, view))}
    </ul>
    ${
      rest.length === 0
        ? nothing
        : html`<details>
            <summary>${t('{0} more', rest.length)}</summary>
            <ul>
              ${rest.map((link) => item(link, axis, view))}
            </ul>
          </details>`
    }
  </div>`;
}

function item({ module, index, path }: Link, axis: 'row' | 'column', view: View): TemplateResult {
  const described = moduleOf(view.shown, module);
  const place = axis === 'row' ? t('neuron {0}', index) : t('input {0}', index);
  const name = described === undefined ? module : moduleTitle(described);
  const open = (): void => view.actions.open({ module, ...(axis === 'row' ? { row: index } : { column: index }) });
  return html`<li>
    ${
      described === undefined
        ? html`<span title=${t('This module is not trained')}>${name} · ${place}</span>`
        : html`<button type="button" class="link" @click=${open}>${name} · ${place}</button>`
    }
    <span class="muted">${pathText(path)}</span>
  </li>`;
}

function pathText(path: Link['path']): string {
  switch (path) {
    case 'gate':
      return t('through the gate');
    case 'attention':
      return t('through attention');
    case 'residual':
      return t('through the residual stream');
  }
}
