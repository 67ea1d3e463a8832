/** The sign of a run in text: a piece of its line with its dash and its marker. */
import { svg, html, type TemplateResult } from 'lit';
import type { Marker, RunStyle } from '../state/runStyle.ts';

export function swatch({ color, dash, marker }: RunStyle, hasMarker = true): TemplateResult {
  return html`<svg class="swatch" viewBox="0 0 24 12" width="24" height="12" aria-hidden="true">
    <line x1="1" y1="6" x2="23" y2="6" stroke=${color} stroke-width="2" stroke-dasharray=${dash.join(' ')} />
    ${hasMarker ? markerShape(marker, color) : ''}
  </svg>`;
}

function markerShape(marker: Marker, color: string): TemplateResult {
  switch (marker) {
    case 'circle':
      return svg`<circle class="swatch-marker" cx="12" cy="6" r="3.5" stroke=${color} />`;
    case 'square':
      return svg`<rect class="swatch-marker" x="8.8" y="2.8" width="6.4" height="6.4" stroke=${color} />`;
    case 'triangle':
      return svg`<path class="swatch-marker" d="M12 2 L16 9.5 H8 Z" stroke=${color} />`;
    case 'diamond':
      return svg`<path class="swatch-marker" d="M12 1.6 L16.4 6 L12 10.4 L7.6 6 Z" stroke=${color} />`;
    case 'cross':
      return svg`<path class="swatch-marker" d="M9 3 L15 9 M9 9 L15 3" stroke=${color} />`;
    case 'plus':
      return svg`<path class="swatch-marker" d="M12 2 V10 M8 6 H16" stroke=${color} />`;
  }
}
