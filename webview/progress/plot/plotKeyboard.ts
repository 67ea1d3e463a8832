/** What the keys do on a chart: move the cursor along the steps, zoom at it, pan, reset. */
import { panned, zoomed, type Range } from '../state/range.ts';

interface KeyboardView {
  readonly range: Range;
  readonly extent: Range;
  readonly cursorStep: number | null;
}

export type PlotKeyAction = { readonly range: Range | null } | { readonly step: number | null };

const LARGE_MOVE = 10;
const ZOOM_FACTOR = 0.5;
const PAN_SHARE = 0.5;

/** @param width of the chart in pixels: the arrows move by one of them, and by one step at least */
export function plotKey(event: KeyboardEvent, view: KeyboardView, width: number): PlotKeyAction | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const { range, extent } = view;
  const first = Math.max(extent[0], Math.ceil(range[0]));
  const last = Math.min(extent[1], Math.floor(range[1]));
  const cursor = view.cursorStep ?? last;
  const stride = Math.max(1, Math.round((range[1] - range[0]) / width)) * (event.shiftKey ? LARGE_MOVE : 1);
  const to = (step: number): PlotKeyAction => ({ step: Math.min(last, Math.max(first, step)) });
  switch (event.key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return to(cursor - stride);
    case 'ArrowRight':
    case 'ArrowUp':
      return to(cursor + stride);
    case 'Home':
      return to(first);
    case 'End':
      return to(last);
    case '+':
    case '=':
      return { range: zoomed(range, extent, cursor, ZOOM_FACTOR) };
    case '-':
      return { range: zoomed(range, extent, cursor, 1 / ZOOM_FACTOR) };
    case 'PageUp':
      return { range: isWhole(view) ? null : panned(range, extent, -PAN_SHARE) };
    case 'PageDown':
      return { range: isWhole(view) ? null : panned(range, extent, PAN_SHARE) };
    case 'Escape':
      return { range: null, step: null };
    default:
      return undefined;
  }
}

function isWhole({ range, extent }: KeyboardView): boolean {
  return range[0] <= extent[0] && range[1] >= extent[1];
}
