/** The connections whose deltas differ most, each leading to its place in the matrix. */
import { html, type TemplateResult } from 'lit';
import { t } from '../../host/translations.ts';
import type { View } from '../view/view.ts';
import { linkButton } from '../controls/choice.ts';
import { SortedTable, type TableColumn } from '../controls/sortedTable.ts';
import { deltaText, moduleTitle } from '../text/values.ts';
import type { ComparisonModel, MovedConnection } from './comparisonModel.ts';

const table = new SortedTable<MovedConnection>();

export function movedTable({ actions }: View, { moved, isComplete }: ComparisonModel): TemplateResult {
  const open = ({ module, row, column }: MovedConnection): void =>
    actions.open({ module: module.module, layer: 'difference', row, column });
  return html`<section class="card moved" aria-label=${t('Moved most')}>
    <header>
      <h2>${t('Moved most')}</h2>
      <p class="muted">${t('The connections whose deltas differ most')}</p>
    </header>
    ${
      isComplete && moved.length === 0
        ? html`<p class="muted">${t('No delta differs.')}</p>`
        : table.render({
            caption: t('Connections whose deltas differ most'),
            columns: columnsOf(open),
            rows: moved,
            onChange: () => actions.update({}),
          })
    }
  </section>`;
}

function columnsOf(open: (connection: MovedConnection) => void): TableColumn<MovedConnection>[] {
  return [
    {
      name: t('Module'),
      isText: true,
      value: ({ module }) => module.module,
      text: (connection) =>
        linkButton(
          moduleTitle(connection.module),
          t('{0}: show neuron {1}, input {2}', moduleTitle(connection.module), connection.row, connection.column),
          () => open(connection),
        ),
    },
    { name: t('Neuron'), value: ({ row }) => row, text: ({ row }) => String(row) },
    { name: t('Input'), value: ({ column }) => column, text: ({ column }) => String(column) },
    { name: t('First Δ'), value: ({ left }) => left, text: ({ left }) => deltaText(left) },
    { name: t('Second Δ'), value: ({ right }) => right, text: ({ right }) => deltaText(right) },
    {
      name: t('Difference'),
      value: ({ left, right }) => Math.abs(right - left),
      text: ({ left, right }) => deltaText(right - left),
    },
  ];
}
