/** Any safetensors file as a table: names, shapes, types, sizes; filtered and sorted; statistics of one when asked. */
import { html, nothing, type TemplateResult } from 'lit';
import type { TensorRow, TensorTable } from '../../../engine/protocol/connections/tensorTable.ts';
import { t } from '../../host/translations.ts';
import { bytesText, countText } from '../../text/figures.ts';
import { linkButton } from '../controls/choice.ts';
import { emptiness, type ProblemActions } from '../controls/problem.ts';
import { SortedTable, type TableColumn } from '../controls/sortedTable.ts';
import type { Answers } from '../inquiry/answers.ts';
import { statisticsCard } from './statisticsCard.ts';

/** Rows drawn at a time: a file may hold thousands of tensors. */
const PAGE = 300;

export class TensorTableView {
  readonly #onChange: () => void;
  readonly #table = new SortedTable<TensorRow>();
  #filter = '';
  #shown = PAGE;
  #chosen: string | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  page(table: TensorTable, answers: Answers, actions: ProblemActions): TemplateResult {
    const matching = table.tensors.filter(({ name }) => isMatch(name, this.#filter));
    const chosen = table.tensors.find(({ name }) => name === this.#chosen);
    return html`<main>
      <header class="page-head">
        <div class="head-text">
          <h1>${fileName(table.file)}</h1>
          <p class="muted">
            ${t('{0} tensors · {1}', countText(table.total), bytesText(table.sizeBytes))}
            ${table.total > table.tensors.length ? t('the first {0} are listed', countText(table.tensors.length)) : nothing}
          </p>
        </div>
      </header>
      ${metadata(table)}
      <div class="toolbar">
        <label class="choice">
          <span>${t('Filter')}</span>
          <input type="search" placeholder=${t('Part of a name')} .value=${this.#filter} @input=${this.#setFilter} />
        </label>
        <span class="muted" role="status">
          ${t('{0} of {1} shown', countText(Math.min(matching.length, this.#shown)), countText(table.tensors.length))}
        </span>
      </div>
      <div class="tensors-body">
        <div>${this.#rows(table, matching)}</div>
        ${chosen === undefined ? nothing : statisticsCard(table, chosen, answers, actions)}
      </div>
    </main>`;
  }

  #rows({ tensors }: TensorTable, matching: readonly TensorRow[]): TemplateResult {
    if (tensors.length === 0)
      return emptiness('database', t('No Tensors'), t('The file is a safetensors file without tensors.'));
    if (matching.length === 0)
      return emptiness('search', t('Nothing Found'), t('No tensor has “{0}” in its name.', this.#filter));
    const columns = this.#columns();
    const rows = this.#table.sorted(matching, columns).slice(0, this.#shown);
    const more = matching.length - rows.length;
    return html`${this.#table.render({
      caption: t('Tensors'),
      columns,
      rows,
      isMarked: ({ name }) => name === this.#chosen,
      onChange: this.#onChange,
    })}
    ${
      more <= 0
        ? nothing
        : html`<neuroada-button appearance="secondary" @click=${this.#showMore}
            >${t('Show {0} More', countText(Math.min(more, PAGE)))}</neuroada-button
          >`
    }`;
  }

  #columns(): TableColumn<TensorRow>[] {
    return [
      {
        name: t('Name'),
        isText: true,
        value: ({ name }) => name,
        text: ({ name, hasStatistics }) =>
          hasStatistics ? linkButton(name, t('Statistics of {0}', name), () => this.#choose(name)) : name,
      },
      { name: t('Type'), isText: true, value: ({ dtype }) => dtype, text: ({ dtype }) => dtype },
      { name: t('Shape'), value: ({ shape }) => elementCount(shape), text: ({ shape }) => shapeText(shape) },
      {
        name: t('Elements'),
        value: ({ shape }) => elementCount(shape),
        text: ({ shape }) => countText(elementCount(shape)),
      },
      { name: t('Size'), value: ({ sizeBytes }) => sizeBytes, text: ({ sizeBytes }) => bytesText(sizeBytes) },
    ];
  }

  readonly #setFilter = (event: Event): void => {
    this.#filter = (event.target as HTMLInputElement).value;
    this.#shown = PAGE;
    this.#onChange();
  };

  readonly #showMore = (): void => {
    this.#shown += PAGE;
    this.#onChange();
  };

  #choose(name: string): void {
    this.#chosen = this.#chosen === name ? undefined : name;
    this.#onChange();
  }
}

function metadata({ metadata: entries }: TensorTable): TemplateResult | typeof nothing {
  if (entries.length === 0) return nothing;
  return html`<details class="metadata">
    <summary>${t('Metadata of the file ({0})', entries.length)}</summary>
    <dl class="facts">
      ${entries.map(
        ([key, value]) =>
          html`<dt>${key}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
  </details>`;
}

/** Every word of the filter is somewhere in the name. */
function isMatch(name: string, filter: string): boolean {
  const lower = name.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? t('scalar') : shape.join(' × ');
}

function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
