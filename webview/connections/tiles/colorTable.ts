/**
 * Tables from a cell's value straight to its pixel, so that painting a tile is one look-up per cell. A float32 is looked
 * up by its upper 17 bits: sign, exponent and 8 bits of fraction are finer than 256 colours.
 */
import { PALETTE_SIZE, type Palette } from '../color/palette.ts';
import { colorIndex, type Scale } from '../scale/scale.ts';

const DROPPED_BITS = 15;

/** Counts from here on look alike. */
const COUNT_LIMIT = 1 << 16;

const VALUES = 2 ** (32 - DROPPED_BITS);

/**
 * Pixels by the upper bits of a float32; NaN, which says that there is nothing, is the ground.
 * @param earlier a table that nobody needs any more, whose memory is used anew
 */
export function valueTable(
  scale: Scale,
  palette: Palette,
  ground: number,
  earlier?: Uint32Array<ArrayBuffer>,
): Uint32Array<ArrayBuffer> {
  const pixels = earlier?.length === VALUES ? earlier : new Uint32Array(VALUES);
  const bits = new Uint32Array(1);
  const values = new Float32Array(bits.buffer);
  for (let upper = 0; upper < pixels.length; upper++) {
    bits[0] = upper << DROPPED_BITS;
    const value = values[0]!;
    pixels[upper] = Number.isNaN(value) ? ground : palette.pixels[colorIndex(scale, value, PALETTE_SIZE)]!;
  }
  return pixels;
}

/** Pixels by count, 0 being the ground. */
export function countTable(scale: Scale, palette: Palette, ground: number): Uint32Array<ArrayBuffer> {
  const length = Math.min(COUNT_LIMIT, Math.ceil(scale.limit) + 1);
  return Uint32Array.from({ length }, (_, count) =>
    count === 0 ? ground : palette.pixels[colorIndex(scale, count, PALETTE_SIZE)]!,
  );
}

/** Every cell has a value. */
export function paintValues(values: Float32Array, table: Uint32Array, pixels: Uint32Array): void {
  const bits = bitsOf(values);
  for (let cell = 0; cell < bits.length; cell++) pixels[cell] = table[bits[cell]! >>> DROPPED_BITS]!;
}

/** Only some cells have a value; the others are left as they are. */
export function paintValuesAt(cells: Uint32Array, values: Float32Array, table: Uint32Array, pixels: Uint32Array): void {
  const bits = bitsOf(values);
  for (let place = 0; place < bits.length; place++) pixels[cells[place]!] = table[bits[place]! >>> DROPPED_BITS]!;
}

export function paintCountsAt(cells: Uint32Array, counts: Uint32Array, table: Uint32Array, pixels: Uint32Array): void {
  const last = table.length - 1;
  for (let place = 0; place < counts.length; place++) pixels[cells[place]!] = table[Math.min(last, counts[place]!)]!;
}

function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}
