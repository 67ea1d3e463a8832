/** The colours of a picture with the values that they stand for. */
import { html, type TemplateResult } from 'lit';
import { t } from '../../host/translations.ts';
import type { Palette } from '../color/palette.ts';
import { cssColor } from '../color/rgb.ts';
import { legendTicks } from '../scale/ticks.ts';
import type { Scale } from '../scale/scale.ts';

export interface Legend {
  readonly title: string;
  readonly scale: Scale;
  readonly palette: Palette;
  readonly text: (value: number) => string;
}

/** Colours of a gradient that looks continuous. */
const STOPS = 32;

export function legend({ title, scale, palette, text }: Legend): TemplateResult {
  const ticks = legendTicks(scale);
  const description = t(
    '{0}: colours from {1} to {2}',
    title,
    text(scale.isSigned ? -scale.limit : 0),
    text(scale.limit),
  );
  return html`<figure class="legend" role="img" aria-label=${description}>
    <div class="legend-bar" .style=${`background-image: ${gradient(palette)}`}></div>
    <div class="legend-ticks figure-number" aria-hidden="true">
      ${ticks.map(
        ({ value, place }) =>
          html`<span class=${edge(place)} .style=${`inset-inline-start: ${(place * 100).toFixed(2)}%`}
            >${text(value)}</span
          >`,
      )}
    </div>
  </figure>`;
}

/** Labels at the ends stay inside. */
function edge(place: number): string {
  if (place < 0.04) return 'tick tick-first';
  return place > 0.96 ? 'tick tick-last' : 'tick';
}

function gradient({ colors, isDiverging }: Palette): string {
  const last = colors.length - 1;
  const stops = Array.from({ length: STOPS }, (_, stop) => {
    const share = stop / (STOPS - 1);
    return `${cssColor(colors[Math.round(share * last)]!)} ${(share * 100).toFixed(1)}%`;
  });
  // The two signs meet at an edge: no colour between them stands for a value.
  if (isDiverging) {
    stops.splice(STOPS / 2, 0, `${cssColor(colors[last >> 1]!)} 50%`, `${cssColor(colors[(last >> 1) + 1]!)} 50%`);
  }
  return `linear-gradient(to right, ${stops.join(', ')})`;
}
