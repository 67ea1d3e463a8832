/** The margins: above the matrix how often each input was chosen, beside it how much each neuron's connections moved. */
import { t } from '../../../host/translations.ts';
import type { Margins } from '../../../../engine/protocol/connections/inspection.ts';
import { positionAt } from '../../viewport/viewport.ts';
import { largestValue, marginBars } from './marginBars.ts';
import { foreground } from './sceneColors.ts';
import type { Box } from './pictureLayout.ts';
import type { Scene } from './scene.ts';

/** Distance from the matrix, and length of the longest bar, in CSS pixels. */
const GAP = 5;
const LONGEST = 34;

/** Largest values of margins that were seen: finding them reads every row and column. */
const largest = new WeakMap<Margins, { readonly hits: number; readonly norm: number }>();

export function drawMargins(context: CanvasRenderingContext2D, scene: Scene, box: Box): void {
  const { margins } = scene.model;
  if (margins === undefined) return;
  const most = largest.get(margins) ?? {
    hits: largestValue(margins.columnHits),
    norm: largestValue(margins.rowDeltaNorms),
  };
  largest.set(margins, most);
  context.fillStyle = scene.theme.isHighContrast ? foreground(scene) : scene.theme.color('charts-blue', '#3794ff');
  context.globalAlpha = scene.theme.isHighContrast ? 1 : 0.75;
  drawColumns(context, scene, box, margins, most.hits);
  if (most.norm > 0) drawRows(context, scene, box, margins, most.norm);
  context.globalAlpha = 1;
  drawTitles(context, scene, box, most.norm > 0);
}

function drawColumns(
  context: CanvasRenderingContext2D,
  scene: Scene,
  box: Box,
  { columnHits }: Margins,
  most: number,
): void {
  const { layout, viewport, model } = scene;
  const { frame, left } = layout;
  const start = Math.round(box.left);
  const place = (pixel: number): number => positionAt(viewport, frame, start + pixel - left, 0).column;
  const value = (position: number): number => columnHits[model.arrangement.columnAt(position)]!;
  const bars = marginBars(Math.round(box.right) - start, frame.columns, place, value, most);
  for (const [pixel, length] of bars.lengths.entries()) {
    if (length > 0) context.fillRect(start + pixel, box.top - GAP, 1, -Math.max(1, length * LONGEST));
  }
}

function drawRows(
  context: CanvasRenderingContext2D,
  scene: Scene,
  box: Box,
  { rowDeltaNorms }: Margins,
  most: number,
): void {
  const { layout, viewport, model } = scene;
  const { frame, top } = layout;
  const start = Math.round(box.top);
  const place = (pixel: number): number => positionAt(viewport, frame, 0, start + pixel - top).row;
  const value = (position: number): number => rowDeltaNorms[model.arrangement.rowAt(position)]!;
  const bars = marginBars(Math.round(box.bottom) - start, frame.rows, place, value, most);
  for (const [pixel, length] of bars.lengths.entries()) {
    if (length > 0) context.fillRect(box.right + GAP, start + pixel, Math.max(1, length * LONGEST), 1);
  }
}

function drawTitles(context: CanvasRenderingContext2D, scene: Scene, box: Box, hasNorms: boolean): void {
  context.font = `11px ${scene.theme.font.replace(/^\S+ /, '')}`;
  context.fillStyle = scene.theme.isHighContrast
    ? foreground(scene)
    : scene.theme.color('descriptionForeground', foreground(scene));
  context.textAlign = 'left';
  context.textBaseline = 'top';
  context.fillText(t('Hits per input'), box.left, box.top - GAP - LONGEST - 15);
  if (!hasNorms) return;
  context.save();
  context.translate(box.right + GAP + LONGEST + 15, box.top);
  context.rotate(Math.PI / 2);
  context.fillText(t('|Δ| per neuron'), 0, 0);
  context.restore();
}
