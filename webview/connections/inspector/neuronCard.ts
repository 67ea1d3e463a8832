/** A neuron: the inputs that it selected with their figures, how its whole row is distributed, and whom it feeds. */
import { html, nothing, type TemplateResult } from 'lit';
import type { NeuronDetails } from '../../../engine/protocol/connections/inspection.ts';
import { t } from '../../host/translations.ts';
import { percentText } from '../../text/figures.ts';
import { problemBanner, waiting } from '../controls/problem.ts';
import { linkButton } from '../controls/choice.ts';
import { SortedTable, type TableColumn } from '../controls/sortedTable.ts';
import type { MatrixModel } from '../model/matrixModel.ts';
import { moduleTitle, deltaText, valueText } from '../text/values.ts';
import { histogram } from '../controls/histogram.ts';
import { links } from './links.ts';

const BINS = 48;

interface SelectedInput {
  readonly column: number;
  readonly weight: number;
  readonly delta: number;
  readonly sum: number;
  readonly rank: number;
}

const table = new SortedTable<SelectedInput>();

export function neuronCard(model: MatrixModel, row: number): TemplateResult {
  const { view, module } = model;
  const { shown, answers, actions } = view;
  const params = { source: shown.source, module: module.module, row, bins: BINS };
  const answer = answers.of('inspection/neuron', params, shown.revision);
  return html`<section class="card" aria-label=${t('Neuron {0}', row)}>
    <header>
      <h2>${t('Neuron {0}', row)}</h2>
      <p class="muted">${moduleTitle(module)}</p>
    </header>
    ${
      answer.status === 'known'
        ? details(model, row, answer.value)
        : answer.status === 'failed'
          ? problemBanner(answer.problem, actions)
          : waiting(t('Reading the neuron…'))
    }
  </section>`;
}

function details(model: MatrixModel, row: number, neuron: NeuronDetails): TemplateResult {
  const { module, view } = model;
  const inputs = selectedInputs(neuron);
  if (inputs.length === 0)
    return html`<p class="muted">${t('This neuron takes no part: none of its inputs is selected.')}</p>`;
  const open = (column: number): void => view.actions.open({ module: module.module, row, column });
  return html`${neuron.row === null ? nothing : histogram(neuron.row)}
  ${table.render({
    caption: t('Selected inputs of neuron {0}', row),
    columns: columnsOf(neuron, open),
    rows: inputs,
    isMarked: ({ column }) => column === view.state.selected?.column,
    onChange: () => view.actions.update({}),
  })}
  ${links(t('Feeds'), neuron.feeds, 'column', view)}`;
}

function columnsOf({ deltas }: NeuronDetails, open: (column: number) => void): TableColumn<SelectedInput>[] {
  const weight: TableColumn<SelectedInput> = {
    name: 'W',
    value: (input) => input.weight,
    text: (input) => valueText(input.weight),
  };
  return [
    {
      name: t('Input'),
      value: (input) => input.column,
      text: ({ column }) => linkButton(column, t('Show input {0}', column), () => open(column)),
    },
    weight,
    ...(deltas === null ? [] : DELTA_COLUMNS),
    {
      name: t('Rank'),
      title: t('Place of |W| in the row'),
      value: (input) => input.rank,
      text: (input) => String(input.rank),
    },
  ];
}

const DELTA_COLUMNS: readonly TableColumn<SelectedInput>[] = [
  { name: 'Δ', value: ({ delta }) => delta, text: ({ delta }) => deltaText(delta) },
  { name: 'W + Δ', value: ({ sum }) => sum, text: ({ sum }) => valueText(sum) },
  {
    name: '|Δ| / |W|',
    title: t('Relative change'),
    value: ({ delta, weight }) => Math.abs(delta / weight),
    text: ({ delta, weight }) => (weight === 0 ? '–' : percentText(Math.abs(delta / weight))),
  },
];

function selectedInputs({ columns, weights, deltas, sums, ranks }: NeuronDetails): SelectedInput[] {
  return Array.from(columns, (column, index) => ({
    column,
    weight: weights[index]!,
    delta: deltas?.[index] ?? NaN,
    sum: sums?.[index] ?? NaN,
    rank: ranks[index]!,
  }));
}
