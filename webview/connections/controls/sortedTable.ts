/** A table whose columns sort its rows; the order outlives a drawing. */
import { html, nothing, type TemplateResult } from 'lit';

export interface TableColumn<Row> {
  readonly name: string;
  readonly title?: string;
  readonly isText?: boolean;
  value(row: Row): number | string;
  text(row: Row): unknown;
}

export interface SortedRows<Row> {
  readonly caption: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  readonly isMarked?: (row: Row) => boolean;
  readonly onChange: () => void;
}

export class SortedTable<Row> {
  #column: string | undefined;
  #isDescending = false;

  render({ caption, columns, rows, isMarked, onChange }: SortedRows<Row>): TemplateResult {
    return html`<div class="table-scroll" role="region" tabindex="0" aria-label=${caption}>
      <table class="table sorted-table">
        <caption class="visually-hidden">
          ${caption}
        </caption>
        <thead>
          <tr>
            ${columns.map((column) => this.#head(column, onChange))}
          </tr>
        </thead>
        <tbody>
          ${this.sorted(rows, columns).map(
            (row) =>
              html`<tr class=${isMarked?.(row) === true ? 'marked' : ''}>
                ${columns.map((column) => html`<td class=${column.isText === true ? 'text' : ''}>${column.text(row)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  sorted(rows: readonly Row[], columns: readonly TableColumn<Row>[]): readonly Row[] {
    const column = columns.find(({ name }) => name === this.#column);
    if (column === undefined) return rows;
    const sign = this.#isDescending ? -1 : 1;
    return rows.toSorted((a, b) => sign * compared(column.value(a), column.value(b)));
  }

  #head({ name, title, isText }: TableColumn<Row>, onChange: () => void): TemplateResult {
    const isSorted = name === this.#column;
    const sort = (): void => {
      // Figures are wanted largest first, names in their order.
      this.#isDescending = isSorted ? !this.#isDescending : isText !== true;
      this.#column = name;
      onChange();
    };
    const direction = isSorted ? (this.#isDescending ? 'descending' : 'ascending') : 'none';
    const icon = this.#isDescending ? 'arrow-down' : 'arrow-up';
    return html`<th scope="col" class=${isText === true ? 'text' : ''} aria-sort=${direction}>
      <button type="button" class="sort" title=${title ?? name} @click=${sort}>
        ${name}${isSorted ? html`<span class="codicon codicon-${icon}" aria-hidden="true"></span>` : nothing}
      </button>
    </th>`;
  }
}

/** NaN comes before every number. */
function compared(a: number | string, b: number | string): number {
  if (typeof a === 'string' || typeof b === 'string') return String(a).localeCompare(String(b));
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1;
  return Number.isNaN(b) ? 1 : a - b;
}
