/** The charts as one picture: as they stand on the page, with their titles and a legend of the runs. */
import type { RunCard } from '../../../engine/protocol/webview.ts';
import type { Theme } from '../../theme/theme.ts';
import { PlotElement } from './plotElement.ts';
import { runStyle } from '../state/runStyle.ts';

const MARGIN = 16;
const HEAD_LINE = 22;

/** Draws the charts inside `charts`; null where the browser cannot encode the picture. */
export async function picture(
  charts: Element,
  runs: readonly RunCard[],
  theme: Theme,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const place = charts.getBoundingClientRect();
  const headHeight = HEAD_LINE * runs.length + MARGIN;
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil((place.width + 2 * MARGIN) * devicePixelRatio);
  canvas.height = Math.ceil((place.height + headHeight + 2 * MARGIN) * devicePixelRatio);
  const context = canvas.getContext('2d');
  if (context === null) return null;
  context.fillStyle = theme.color('editor-background', theme.isDark ? '#1e1e1e' : '#ffffff');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(devicePixelRatio, devicePixelRatio);
  context.translate(MARGIN, MARGIN);
  context.textBaseline = 'middle';
  for (const [index, run] of runs.entries()) drawRun(context, run, index, theme);
  context.translate(-place.left, headHeight - place.top);
  for (const chart of charts.querySelectorAll('.chart')) drawChart(context, chart, theme);
  return encoded(canvas);
}

function drawRun(context: CanvasRenderingContext2D, { name }: RunCard, index: number, theme: Theme): void {
  const { color, dash } = runStyle(index, theme.isDark);
  const y = HEAD_LINE * index + HEAD_LINE / 2;
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.setLineDash([...dash]);
  context.beginPath();
  context.moveTo(0, y);
  context.lineTo(28, y);
  context.stroke();
  context.setLineDash([]);
  context.font = `600 ${theme.font}`;
  context.fillStyle = theme.color('foreground', theme.isDark ? '#cccccc' : '#3b3b3b');
  context.fillText(name, 36, y);
}

function drawChart(context: CanvasRenderingContext2D, chart: Element, theme: Theme): void {
  const title = chart.querySelector('h2');
  const plot = chart.querySelector('neuroada-plot');
  if (title !== null) {
    const { left, top, height } = title.getBoundingClientRect();
    context.font = `600 ${theme.font}`;
    context.fillStyle = theme.color('foreground', theme.isDark ? '#cccccc' : '#3b3b3b');
    context.fillText(title.textContent, left, top + height / 2);
  }
  if (!(plot instanceof PlotElement) || plot.canvas === undefined) return;
  const { left, top, width, height } = plot.canvas.getBoundingClientRect();
  context.drawImage(plot.canvas, left, top, width, height);
}

async function encoded(canvas: HTMLCanvasElement): Promise<Uint8Array<ArrayBuffer> | null> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  return blob === null ? null : new Uint8Array(await blob.arrayBuffer());
}
