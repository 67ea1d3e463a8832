/** Labels at two edges of the matrix: which neurons and inputs are seen. */
import { countText } from '../../../text/figures.ts';
import { t } from '../../../host/translations.ts';
import { visibleColumns, visibleRows, xOf, yOf, type Span } from '../../viewport/viewport.ts';
import { foreground } from './sceneColors.ts';
import type { Box } from './pictureLayout.ts';
import type { Scene } from './scene.ts';

/** Least distance of labels in pixels. */
const ROW_DISTANCE = 26;
const COLUMN_DISTANCE = 62;

/** Below this size, ordered rows and columns are labelled by their place in the order. */
const INDEX_ZOOM = 12;

export function drawAxes(context: CanvasRenderingContext2D, scene: Scene, box: Box): void {
  const { layout, viewport, model, theme } = scene;
  const { frame, left, top } = layout;
  const { arrangement } = model;
  const isClose = viewport.zoom >= INDEX_ZOOM;
  context.font = `11px ${theme.font.replace(/^\S+ /, '')}`;
  context.fillStyle = theme.isHighContrast
    ? foreground(scene)
    : theme.color('descriptionForeground', foreground(scene));
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  for (const position of labelled(visibleRows(viewport, frame), ROW_DISTANCE / viewport.zoom)) {
    const y = top + yOf(viewport, frame, position + 0.5);
    if (y < box.top + 4 || y > box.bottom - 4) continue;
    const text = labelOf(position, arrangement.areRowsOrdered, isClose, (at) => arrangement.rowAt(at));
    context.fillText(text, box.left - 7, y);
  }
  context.textAlign = 'center';
  for (const position of labelled(visibleColumns(viewport, frame), COLUMN_DISTANCE / viewport.zoom)) {
    const x = left + xOf(viewport, frame, position + 0.5);
    if (x < box.left + 4 || x > box.right - 4) continue;
    const text = labelOf(position, arrangement.areColumnsOrdered, isClose, (at) => arrangement.columnAt(at));
    context.fillText(text, x, box.bottom + 12);
  }
}

function labelOf(
  position: number,
  isOrdered: boolean,
  isClose: boolean,
  indexAt: (position: number) => number,
): string {
  return isOrdered && !isClose ? t('No. {0}', countText(position + 1)) : countText(indexAt(position));
}

/** Round positions inside the span, at least so far apart. */
function labelled({ first, end }: Span, leastDistance: number): number[] {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, leastDistance)));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= leastDistance) ?? 1;
  const start = Math.ceil(first / step) * step;
  return Array.from({ length: Math.max(0, Math.ceil((end - start) / step)) }, (_, index) => start + index * step);
}
