/** Tests that colours are in order, evenly spaced, apart for colour-blind readers, and visible on every theme's ground. */
import { describe, expect, test } from 'vitest';
import { fromOklab, toOklab } from '../../webview/connections/color/oklab.ts';
import { divergingPalette, sequentialPalette, type Ground } from '../../webview/connections/color/palette.ts';
import {
  BLACK,
  contrast,
  cssColor,
  linearChannel,
  luminance,
  parseColor,
  pixelOf,
  textOn,
  WHITE,
  type Rgb,
} from '../../webview/connections/color/rgb.ts';

const GROUNDS: Readonly<Record<string, Ground>> = {
  light: { color: WHITE, isDark: false, isHighContrast: false },
  dark: { color: parseColor('#1f1f1f', BLACK), isDark: true, isHighContrast: false },
  highContrast: { color: BLACK, isDark: true, isHighContrast: true },
  highContrastLight: { color: WHITE, isDark: false, isHighContrast: true },
};

/** CIE 1976 L*a*b* under D65, written apart from the code under test. */
function lab(color: Rgb): [number, number, number] {
  const [r, g, b] = color.map(linearChannel) as [number, number, number];
  const f = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 / 116) * t + 16 / 116);
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const distance = (one: Rgb, other: Rgb): number => Math.hypot(...lab(one).map((axis, i) => axis - lab(other)[i]!));

/** How it looks to who lacks a kind of cone: Machado, Oliveira and Fernandes 2009, severity 1, on linear light. */
const BLINDNESS = {
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

function seenWith(matrix: readonly number[], color: Rgb): Rgb {
  const linear = color.map(linearChannel);
  const encoded = (v: number): number => (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055);
  const channel = (row: number): number => {
    const sum = [0, 1, 2].reduce((total, i) => total + matrix[row * 3 + i]! * linear[i]!, 0);
    return encoded(Math.min(1, Math.max(0, sum)));
  };
  return [channel(0), channel(1), channel(2)];
}

test('colours of themes are read in every form that they have', () => {
  expect(parseColor('#fff', BLACK)).toEqual([1, 1, 1]);
  expect(parseColor('#80402010', BLACK)).toEqual([128 / 255, 64 / 255, 32 / 255]);
  expect(parseColor(' rgba(128, 64, 32, 0.5)', BLACK)).toEqual([128 / 255, 64 / 255, 32 / 255]);
  expect(parseColor('var(--x)', WHITE)).toBe(WHITE);
  expect(cssColor([1, 0.5, 0])).toBe('rgb(255, 128, 0)');
  expect(pixelOf([1, 0.5, 0])).toBe(0xff0080ff);
  expect(contrast(BLACK, WHITE)).toBeCloseTo(21);
  expect(textOn(WHITE)).toBe(BLACK);
  expect(textOn(parseColor('#0000ff', BLACK))).toBe(WHITE);
});

test('Oklab and back is the same colour', () => {
  for (const color of ['#123456', '#ffffff', '#000000', '#f0a010'].map((text) => parseColor(text, BLACK)))
    for (const [index, channel] of fromOklab(toOklab(color)).entries()) expect(channel).toBeCloseTo(color[index]!, 4);
});

describe.each(Object.entries(GROUNDS))('on the ground of %s', (_, ground) => {
  const least = ground.isHighContrast ? 3 : 1.3;

  test('the sequential colours go one way in lightness, in even steps, for everyone', () => {
    const { colors, pixels } = sequentialPalette(ground);
    expect([colors.length, pixels.length]).toEqual([256, 256]);
    const steps = colors.slice(1).map((color, index) => distance(color, colors[index]!));
    const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
    expect(Math.max(...steps)).toBeLessThan(mean * 3);
    expect(Math.min(...steps)).toBeGreaterThan(mean / 4);
    for (const matrix of Object.values(BLINDNESS)) {
      const seen = colors.map((color) => lab(seenWith(matrix, color))[0]);
      for (let index = 8; index < 256; index += 8)
        expect((seen[index]! - seen[index - 8]!) * (ground.isDark ? 1 : -1)).toBeGreaterThan(0.5);
    }
  });

  test('every colour tells from the ground', () => {
    for (const palette of [sequentialPalette(ground), divergingPalette(ground)])
      for (const color of palette.colors) expect(contrast(color, ground.color)).toBeGreaterThan(least - 0.02);
  });

  test('the diverging colours grow from the middle to both ends, and signs are told apart by everyone', () => {
    const { colors } = divergingPalette(ground);
    const outward = ground.isDark ? 1 : -1;
    for (let step = 8; step < 128; step += 8) {
      expect((luminance(colors[128 + step]!) - luminance(colors[128 + step - 8]!)) * outward).toBeGreaterThan(0);
      expect((luminance(colors[127 - step]!) - luminance(colors[127 - step + 8]!)) * outward).toBeGreaterThan(0);
    }
    for (const matrix of Object.values(BLINDNESS))
      for (let step = 16; step < 128; step += 8)
        expect(distance(seenWith(matrix, colors[127 - step]!), seenWith(matrix, colors[128 + step]!))).toBeGreaterThan(
          12,
        );
  });
});
