/**
 * A grid of layers by kinds of module, each cell coloured by its figure and saying it. One cell is in the tab order; arrow
 * keys move the focus, Enter opens.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../../host/translations.ts';
import { colorIndex, type Scale } from '../scale/scale.ts';
import { PALETTE_SIZE, type Palette } from '../color/palette.ts';
import { cssColor, textOn } from '../color/rgb.ts';
import { gridKey } from './gridKey.ts';

export interface GridCell {
  readonly module: string;
  /** Undefined while unknown, NaN where there is none. */
  readonly value: number | undefined;
  readonly text: string;
}

export interface ModuleGrid {
  readonly label: string;
  readonly layers: readonly number[];
  readonly kinds: readonly string[];
  readonly scale: Scale;
  readonly palette: Palette;
  readonly active: string | null;
  cell(layer: number, kind: string): GridCell | undefined;
  activate(module: string): void;
  open(module: string): void;
}

/** So many layers fit a screen with tall cells. */
const SMALL = 16;

export function moduleGrid(grid: ModuleGrid): TemplateResult {
  const { label, layers, kinds } = grid;
  const names = layers.flatMap((layer) => kinds.map((kind) => grid.cell(layer, kind)?.module));
  const tabStop = names.includes(grid.active ?? undefined) ? grid.active : names.find((name) => name !== undefined);
  return html`<table
    class=${layers.length <= SMALL ? 'module-grid module-grid-small' : 'module-grid'}
    role="grid"
    aria-label=${label}
    aria-readonly="true"
    @keydown=${gridKey}
  >
    <thead>
      <tr role="row">
        <th scope="col" class="layer-head">${t('Layer')}</th>
        ${kinds.map((kind) => html`<th scope="col">${kind}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${layers.map(
        (layer, row) =>
          html`<tr role="row">
            <th scope="row">${layer}</th>
            ${kinds.map((kind, column) => cellOf(grid, layer, kind, `${row}/${column}`, tabStop))}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function cellOf(
  grid: ModuleGrid,
  layer: number,
  kind: string,
  place: string,
  tabStop: string | null | undefined,
): TemplateResult {
  const cell = grid.cell(layer, kind);
  if (cell === undefined) return html`<td role="gridcell" class="cell-absent"></td>`;
  const { module, value, text } = cell;
  const color = value === undefined || Number.isNaN(value) ? undefined : grid.palette.colors[indexOf(grid, value)]!;
  const style = color === undefined ? '' : `background-color: ${cssColor(color)}; color: ${cssColor(textOn(color))}`;
  return html`<td
    role="gridcell"
    class=${value === undefined ? 'cell cell-waiting' : 'cell'}
    tabindex=${module === tabStop ? 0 : -1}
    data-place=${place}
    data-module=${module}
    aria-selected=${module === grid.active}
    .style=${style}
    @focus=${() => grid.activate(module)}
    @click=${() => grid.open(module)}
    @keydown=${(event: KeyboardEvent) => {
      if (event.key === 'Enter' || event.key === ' ') grid.open(module);
    }}
  >
    ${value === undefined ? nothing : text}
  </td>`;
}

function indexOf({ scale }: ModuleGrid, value: number): number {
  return colorIndex(scale, value, PALETTE_SIZE);
}
