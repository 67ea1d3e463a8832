/** What is known of the inspected neuron and input, linked with the picture. */
import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../../host/translations.ts';
import type { MatrixModel } from '../model/matrixModel.ts';
import { inputCard } from './inputCard.ts';
import { neuronCard } from './neuronCard.ts';

export function inspector(model: MatrixModel): TemplateResult {
  const { row, column } = model.view.state.selected ?? {};
  if (row === undefined && column === undefined) {
    return html`<p class="muted inspector-hint">
      ${t('Choose a cell, a neuron beside the matrix, or an input above it: what they selected is shown here.')}
    </p>`;
  }
  return html`${row === undefined ? nothing : neuronCard(model, row)}
  ${column === undefined ? nothing : inputCard(model, column)}`;
}
