/** The whole matrix in a corner, with what is seen of it as a rectangle that can be dragged. */
import { TileBitmaps } from '../../tiles/tileBitmap.ts';
import { releaseBitmap, type Tile } from '../../tiles/tile.ts';
import type { TilePlace } from '../../tiles/tileGrid.ts';
import { pixelOf } from '../../color/rgb.ts';
import type { Scene } from './scene.ts';

const WIDEST = 220;
const HIGHEST = 140;
const CELLS = 256;

/** The one tile that holds the whole matrix. */
export function minimapPlace(rows: number, columns: number): TilePlace {
  const level = Math.max(0, Math.ceil(Math.log2(Math.max(rows, columns) / CELLS)));
  return { level, tileRow: 0, tileColumn: 0 };
}

export class Minimap {
  readonly element = document.createElement('canvas');
  readonly #bitmaps = new TileBitmaps();
  readonly #moveTo: (row: number, column: number) => void;
  #painted: Tile | undefined;
  #of: Tile | undefined;
  #size = { rows: 1, columns: 1 };

  constructor(moveTo: (row: number, column: number) => void) {
    this.#moveTo = moveTo;
    this.element.className = 'minimap';
    // Keys on the picture do the same.
    this.element.setAttribute('aria-hidden', 'true');
    this.element.addEventListener('pointerdown', (event) => {
      this.element.setPointerCapture(event.pointerId);
      this.#follow(event);
    });
    this.element.addEventListener('pointermove', (event) => {
      if (this.element.hasPointerCapture(event.pointerId)) this.#follow(event);
    });
  }

  draw(scene: Scene, tile: Tile | undefined): void {
    const { frame } = scene.layout;
    this.#size = frame;
    const scale = Math.min(WIDEST / frame.columns, HIGHEST / frame.rows);
    const width = Math.max(8, Math.round(frame.columns * scale));
    const height = Math.max(8, Math.round(frame.rows * scale));
    resize(this.element, width, height);
    const context = this.element.getContext('2d');
    if (context === null) return;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, width, height);
    if (tile !== undefined) this.#drawTile(context, scene, tile, frame.columns, frame.rows, width, height);
    const seenWidth = Math.min(width, (frame.width / scene.viewport.zoom / frame.columns) * width);
    const seenHeight = Math.min(height, (frame.height / scene.viewport.zoom / frame.rows) * height);
    const x = (scene.viewport.column / frame.columns) * width - seenWidth / 2;
    const y = (scene.viewport.row / frame.rows) * height - seenHeight / 2;
    context.strokeStyle = scene.theme.color('focusBorder', '#0078d4');
    context.lineWidth = 2;
    const [w, h] = [Math.max(6, seenWidth), Math.max(6, seenHeight)];
    context.strokeRect(x + (seenWidth - w) / 2 + 1, y + (seenHeight - h) / 2 + 1, w - 2, h - 2);
  }

  #drawTile(
    context: CanvasRenderingContext2D,
    { model }: Scene,
    tile: Tile,
    columns: number,
    rows: number,
    width: number,
    height: number,
  ): void {
    if (this.#of !== tile) {
      if (this.#painted !== undefined) releaseBitmap(this.#painted);
      this.#painted = { ...tile, bitmap: undefined, paintedAs: undefined };
      this.#of = tile;
    }
    const { look } = model.view;
    const scale = { kind: 'symmetric', limit: Math.max(1, tile.mostSelected), isSigned: false } as const;
    const colouring = {
      layer: 'selection',
      scale,
      palette: look.sequential,
      ground: pixelOf(look.ground.color),
    } as const;
    const painted = this.#painted!;
    if (!this.#bitmaps.isPainted(painted, colouring)) this.#bitmaps.paint(painted, colouring);
    if (painted.bitmap === undefined) return;
    const perCell = 2 ** tile.level;
    const { content } = tile;
    context.imageSmoothingEnabled = true;
    const drawnWidth = (width * content.width * perCell) / columns;
    context.drawImage(painted.bitmap, 0, 0, drawnWidth, (height * content.height * perCell) / rows);
  }

  #follow(event: PointerEvent): void {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    const { rows, columns } = this.#size;
    this.#moveTo(((event.clientY - top) / height) * rows, ((event.clientX - left) / width) * columns);
  }
}

/** Gives a canvas a size in CSS pixels at the device's resolution. */
export function resize(canvas: HTMLCanvasElement, width: number, height: number): void {
  const [deviceWidth, deviceHeight] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
  if (canvas.width !== deviceWidth || canvas.height !== deviceHeight) {
    canvas.width = deviceWidth;
    canvas.height = deviceHeight;
  }
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
}
