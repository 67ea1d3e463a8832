/** How all weights of a neuron are distributed, and where the selected ones lie among them. */
import { html, svg, type TemplateResult } from 'lit';
import type { RowDistribution } from '../../../engine/protocol/connections/inspection.ts';
import { t } from '../../host/translations.ts';
import { countText } from '../../text/figures.ts';
import { valueText } from '../text/values.ts';

const WIDTH = 320;
const HEIGHT = 88;

/** Share of a bin that its bar leaves free. */
const GAP = 0.15;

export interface Bins {
  readonly edges: Float64Array;
  readonly counts: ArrayLike<number>;
  readonly selectedCounts?: ArrayLike<number>;
}

export function histogram({ edges, counts, selectedCounts, meanMagnitude }: RowDistribution): TemplateResult {
  const selected = Array.from(selectedCounts).reduce((sum, count) => sum + count, 0);
  const all = Array.from(counts).reduce((sum, count) => sum + count, 0);
  const label = t(
    '{0} weights from {1} to {2}, {3} of them selected; mean magnitude {4}',
    ...[countText(all), valueText(edges[0]!), valueText(edges.at(-1)!), countText(selected), valueText(meanMagnitude)],
  );
  return html`<figure class="histogram">
    ${histogramBars({ edges, counts, selectedCounts }, label)}
    <figcaption>
      <span class="key key-all">${t('All weights')}</span>
      <span class="key key-selected">${t('Selected')}</span>
      <span class="muted">${t('mean |W| {0}', valueText(meanMagnitude))}</span>
    </figcaption>
  </figure>`;
}

/** Heights are logarithms of counts, so that a bin of one is seen beside one of a thousand. */
export function histogramBars({ edges, counts, selectedCounts }: Bins, label: string): TemplateResult {
  const bins = counts.length;
  const most = Math.log1p(Array.from(counts).reduce((largest, count) => Math.max(largest, count), 1));
  const width = WIDTH / bins;
  const bar = (kind: string) => (count: number, bin: number) => {
    const height = (HEIGHT * Math.log1p(count)) / most;
    if (count === 0) return '';
    return svg`<rect class=${kind} x=${(bin * width).toFixed(2)} y=${(HEIGHT - height).toFixed(2)}
      width=${(width * (1 - GAP)).toFixed(2)} height=${height.toFixed(2)} />`;
  };
  return html`<svg
      class="bars"
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      preserveAspectRatio="none"
      role="img"
      aria-label=${label}
    >
      ${Array.from(counts, bar('bar-all'))} ${Array.from(selectedCounts ?? [], bar('bar-selected'))}
    </svg>
    <div class="histogram-ends muted figure-number" aria-hidden="true">
      <span>${valueText(edges[0]!)}</span>
      <span>${t('height: log of the count')}</span>
      <span>${valueText(edges.at(-1)!)}</span>
    </div>`;
}
