/** Tests that runs can be told apart: contrast against the editor, and to eyes that lack a kind of cone. */
import { expect, test } from 'vitest';
import { runStyle } from '../../webview/progress/state/runStyle.ts';
import { editorTheme, THEME_KINDS } from '../webview/editorTheme.ts';

type Rgb = readonly [number, number, number];

function linear(color: string): Rgb {
  const channel = (at: number): number => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(one: string, other: string): number {
  const luminance = ([r, g, b]: Rgb): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;
  const [dark, light] = [luminance(linear(one)), luminance(linear(other))].sort((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
}

/** Viénot, Brettel and Mollon 1999: how linear RGB looks without L or without M cones. */
const CONES: Readonly<Record<string, readonly Rgb[]>> = {
  protanopia: [
    [0.11238, 0.88762, 0],
    [0.11238, 0.88762, 0],
    [0.00401, -0.00401, 1],
  ],
  deuteranopia: [
    [0.29275, 0.70725, 0],
    [0.29275, 0.70725, 0],
    [-0.02234, 0.02234, 1],
  ],
};

/** Björn Ottosson's Oklab of linear RGB, in which distances are as people see them. */
function oklab([r, g, b]: Rgb): Rgb {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function seen(color: string, cones: readonly Rgb[] | undefined): Rgb {
  const rgb = linear(color);
  if (cones === undefined) return oklab(rgb);
  const [r, g, b] = cones.map((row) => Math.max(0, row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2]));
  return oklab([r!, g!, b!]);
}

const distance = (one: Rgb, other: Rgb): number => Math.hypot(...one.map((value, index) => value - other[index]!));

test.each(THEME_KINDS)('lines have a contrast of 3 to 1 in the theme %s', (kind) => {
  const background = editorTheme(kind).variables['--vscode-editor-background']!;
  const isDark = kind === 'dark' || kind === 'highContrast';
  for (let run = 0; run < 8; run++) {
    expect(contrast(runStyle(run, isDark).color, background)).toBeGreaterThanOrEqual(3);
  }
});

test.each([true, false])('eight runs differ to every eye, by colour or by dash (on dark: %s)', (isDark) => {
  for (const cones of [undefined, ...Object.values(CONES)]) {
    for (let one = 0; one < 8; one++) {
      for (let other = one + 1; other < 8; other++) {
        const [first, second] = [runStyle(one, isDark), runStyle(other, isDark)];
        const isOtherDash = first.dash.join() !== second.dash.join();
        const apart = distance(seen(first.color, cones), seen(second.color, cones));
        expect(isOtherDash || apart > 0.08, `${one} and ${other}: ${apart.toFixed(3)}`).toBe(true);
      }
    }
  }
});

test('no two of sixteen runs share colour, dash and marker', () => {
  const signs = Array.from({ length: 16 }, (_, run) => JSON.stringify(runStyle(run, true)));
  expect(new Set(signs).size).toBe(16);
});
