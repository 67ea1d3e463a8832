/** Paints tiles: values to pixels by a table that is made once for each scale and theme. */
import type { MatrixLayer } from '../../../engine/protocol/connectionsView.ts';
import type { Palette } from '../color/palette.ts';
import type { Scale } from '../scale/scale.ts';
import { countTable, paintCounts, paintValues, valueTable } from './colorTable.ts';
import { layerValues, type Tile } from './tile.ts';

export interface Colouring {
  readonly layer: MatrixLayer;
  readonly scale: Scale;
  readonly palette: Palette;
  /** Pixel where there is nothing. */
  readonly ground: number;
}

export class TileBitmaps {
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
    const values = layerValues(tile.content, colouring.layer);
    if (values === undefined || values.length === 0) return;
    const { height, width } = tile.content;
    tile.bitmap ??= new OffscreenCanvas(width, height);
    const context = tile.bitmap.getContext('2d');
    if (context === null) throw new Error('the browser gave no canvas to paint a tile on');
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    if (values instanceof Uint32Array) paintCounts(values, this.#table, pixels);
    else paintValues(values, this.#table, pixels);
    context.putImageData(image, 0, 0);
    tile.paintedAs = key;
  }

  /** Makes the table for these colours, unless it is there; returns what tells it from others. */
  #use({ layer, scale, palette, ground }: Colouring): string {
    const key = `${layer} ${scale.kind} ${scale.limit} ${ground}`;
    if (key !== this.#key || palette !== this.#palette) {
      this.#table = layer === 'selection' ? countTable(scale, palette, ground) : valueTable(scale, palette, ground);
      this.#key = key;
      this.#palette = palette;
      this.#revision += 1;
    }
    return `${key} ${this.#revision}`;
  }
}
