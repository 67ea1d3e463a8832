/**
 * The colours of one picture: 256 of them, tables for painting pixels and for text, fitted to the theme. Small values are
 * close to the ground but always tell from it; in high contrast they keep 3:1, as WCAG 2.2 asks of graphics.
 */
import { reversed, type ColorMap } from './colorMap.ts';
import { icefire, mako, vik } from './publishedMaps.ts';
import { contrast, pixelOf, type Rgb } from './rgb.ts';

export const PALETTE_SIZE = 256;

/** Contrast of the faintest colour with the ground. */
const FAINTEST = { normal: 1.3, highContrast: 3 };

/** Steps in which the faintest visible place of a map is looked for. */
const SEARCH_STEPS = 512;

/** On light grounds the map ends in a deep violet: areas of black would be heavy. */
const DARKEST_ON_LIGHT = 0.88;

export interface Ground {
  readonly color: Rgb;
  readonly isDark: boolean;
  readonly isHighContrast: boolean;
}

export interface Palette {
  /** From small to large; of a diverging palette from most negative to most positive, without a middle. */
  readonly colors: readonly Rgb[];
  readonly pixels: Uint32Array;
  readonly isDiverging: boolean;
}

/** For values from 0 up. */
export function sequentialPalette(ground: Ground): Palette {
  const map: ColorMap = ground.isDark ? mako : (place) => reversed(mako)(place * DARKEST_ON_LIGHT);
  return paletteOf(magnitudeColors(map, ground, PALETTE_SIZE), false);
}

/** For values of both signs: blue below zero, orange above. */
export function divergingPalette(ground: Ground): Palette {
  const map = ground.isDark ? icefire : vik;
  const half = PALETTE_SIZE / 2;
  const negative = magnitudeColors((place) => map(0.5 - place / 2), ground, half);
  const positive = magnitudeColors((place) => map(0.5 + place / 2), ground, half);
  return paletteOf([...negative.reverse(), ...positive], true);
}

/** `count` colours of growing magnitude, the first of them just visible on the ground. */
function magnitudeColors(map: ColorMap, ground: Ground, count: number): Rgb[] {
  const start = faintestPlace(map, ground);
  return Array.from({ length: count }, (_, index) => map(start + ((1 - start) * index) / (count - 1)));
}

/** The place from which on every colour tells from the ground. */
function faintestPlace(map: ColorMap, ground: Ground): number {
  const least = ground.isHighContrast ? FAINTEST.highContrast : FAINTEST.normal;
  let step = SEARCH_STEPS;
  while (step > 0 && contrast(map((step - 1) / SEARCH_STEPS), ground.color) >= least) step--;
  return step / SEARCH_STEPS;
}

function paletteOf(colors: readonly Rgb[], isDiverging: boolean): Palette {
  return { colors, pixels: Uint32Array.from(colors, pixelOf), isDiverging };
}
