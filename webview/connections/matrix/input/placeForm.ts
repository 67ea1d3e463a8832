/** Goes to a neuron, an input, or the connection of both by their indices. */
import { html, type TemplateResult } from 'lit';
import { t } from '../../../host/translations.ts';
import type { MatrixModel } from '../../model/matrixModel.ts';

export function placeForm({ view, module }: MatrixModel): TemplateResult {
  const { selected } = view.state;
  const go = (event: SubmitEvent): void => {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const row = indexIn(fields, 'row');
    const column = indexIn(fields, 'column');
    if (row === undefined && column === undefined) return;
    view.actions.open({
      module: module.module,
      ...(row === undefined ? {} : { row }),
      ...(column === undefined ? {} : { column }),
    });
  };
  return html`<form class="toolbar-group place" @submit=${go}>
    ${field('row', t('Neuron'), module.rows, selected?.row)}
    ${field('column', t('Input'), module.columns, selected?.column)}
    <button type="submit" class="segment">${t('Go')}</button>
  </form>`;
}

function field(name: string, label: string, size: number, value: number | undefined): TemplateResult {
  return html`<label class="choice">
    <span>${label}</span>
    <input
      type="number"
      name=${name}
      min="0"
      max=${size - 1}
      step="1"
      placeholder="0–${size - 1}"
      .value=${value === undefined ? '' : String(value)}
    />
  </label>`;
}

function indexIn(fields: FormData, name: string): number | undefined {
  const text = fields.get(name);
  return typeof text === 'string' && text !== '' ? Number(text) : undefined;
}
