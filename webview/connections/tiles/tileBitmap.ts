/** Paints tiles: values to pixels by a table that is made once for each scale and theme. */
import type { MatrixLayer } from '../../../engine/protocol/connectionsView.ts';
import type { Palette } from '../color/palette.ts';
import type { Scale } from '../scale/scale.ts';
import { countTable, paintCountsAt, paintValues, paintValuesAt, valueTable } from './colorTable.ts';
import { releaseBitmap, type Tile } from './tile.ts';
import { layerValues, type LayerValues } from './tileValues.ts';

export interface Colouring {
  readonly layer: MatrixLayer;
  readonly scale: Scale;
  readonly palette: Palette;
  /** Pixel where there is nothing. */
  readonly ground: number;
}

export class TileBitmaps {
  /** What tiles are painted in, one after the other; grows to the largest. */
  readonly #canvas = new OffscreenCanvas(1, 1);
  #pixels = new ArrayBuffer(0);
  #table = new Uint32Array();
  #key = '';
  #palette: Palette | undefined;
  #revision = 0;

  /** Whether the tile's bitmap shows these colours. */
  isPainted(tile: Tile, colouring: Colouring): boolean {
    return tile.bitmap !== undefined && tile.paintedAs === this.#use(colouring);
  }

  paint(tile: Tile, colouring: Colouring): void {
    const key = this.#use(colouring);
    const found = layerValues(tile.content, colouring.layer);
    const { height, width } = tile.content;
    if (found === undefined || height * width === 0) return;
    const pixels = this.#pixelsOf(height * width);
    this.#fill(pixels, found, colouring.ground);
    const image = new ImageData(new Uint8ClampedArray(pixels.buffer, 0, pixels.byteLength), width, height);
    releaseBitmap(tile);
    tile.bitmap = this.#bitmapOf(image);
    tile.paintedAs = key;
  }

  #fill(pixels: Uint32Array, { cells, values }: LayerValues, ground: number): void {
    if (cells !== undefined) pixels.fill(ground);
    if (values instanceof Float32Array) {
      if (cells === undefined) paintValues(values, this.#table, pixels);
      else paintValuesAt(cells, values, this.#table, pixels);
    } else if (cells !== undefined) paintCountsAt(cells, values, this.#table, pixels);
  }

  #bitmapOf(image: ImageData): ImageBitmap {
    this.#canvas.width = image.width;
    this.#canvas.height = image.height;
    const context = this.#canvas.getContext('2d');
    if (context === null) throw new Error('the browser gave no canvas to paint a tile on');
    context.putImageData(image, 0, 0);
    return this.#canvas.transferToImageBitmap();
  }

  #pixelsOf(count: number): Uint32Array<ArrayBuffer> {
    const sizeBytes = count * Uint32Array.BYTES_PER_ELEMENT;
    if (this.#pixels.byteLength < sizeBytes) this.#pixels = new ArrayBuffer(sizeBytes);
    return new Uint32Array(this.#pixels, 0, count);
  }

  /** Makes the table for these colours, unless it is there; returns what tells it from others. */
  #use({ layer, scale, palette, ground }: Colouring): string {
    const key = `${layer} ${scale.kind} ${scale.limit} ${ground}`;
    if (key !== this.#key || palette !== this.#palette) {
      const isOfCounts = layer === 'selection';
      this.#table = isOfCounts ? countTable(scale, palette, ground) : valueTable(scale, palette, ground, this.#table);
      this.#key = key;
      this.#palette = palette;
      this.#revision += 1;
    }
    return `${key} ${this.#revision}`;
  }
}
