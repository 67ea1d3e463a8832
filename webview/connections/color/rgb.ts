/** Colours as three shares of sRGB, and the contrast between them by WCAG 2.2. */

/** Red, green and blue from 0 to 1, as sRGB encodes them. */
export type Rgb = readonly [red: number, green: number, blue: number];

export const BLACK: Rgb = [0, 0, 0];
export const WHITE: Rgb = [1, 1, 1];

/** Of `#rgb`, `#rrggbb` or `rgb(r, g, b)`, an alpha ignored: what themes give. Anything else is `otherwise`. */
export function parseColor(text: string, otherwise: Rgb): Rgb {
  const hex = /^#([0-9a-f]{3,8})$/i.exec(text.trim())?.[1];
  if (hex !== undefined) {
    const width = hex.length < 6 ? 1 : 2;
    const channel = (index: number): number => {
      const digits = hex.slice(index * width, (index + 1) * width);
      return parseInt(width === 1 ? digits + digits : digits, 16) / 255;
    };
    return [channel(0), channel(1), channel(2)];
  }
  const parts = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/i.exec(text.trim());
  if (parts === null) return otherwise;
  return [Number(parts[1]) / 255, Number(parts[2]) / 255, Number(parts[3]) / 255];
}

export function cssColor([red, green, blue]: Rgb): string {
  return `rgb(${byteOf(red)}, ${byteOf(green)}, ${byteOf(blue)})`;
}

/** One pixel of ImageData seen as a little-endian 32-bit number, opaque. */
export function pixelOf([red, green, blue]: Rgb): number {
  return ((255 << 24) | (byteOf(blue) << 16) | (byteOf(green) << 8) | byteOf(red)) >>> 0;
}

function byteOf(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * 255);
}

export function linearChannel(encoded: number): number {
  return encoded <= 0.04045 ? encoded / 12.92 : ((encoded + 0.055) / 1.055) ** 2.4;
}

export function encodedChannel(linear: number): number {
  return linear <= 0.0031308 ? linear * 12.92 : 1.055 * linear ** (1 / 2.4) - 0.055;
}

/** Relative luminance, from 0 for black to 1 for white. */
export function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * linearChannel(red) + 0.7152 * linearChannel(green) + 0.0722 * linearChannel(blue);
}

/** From 1 for equal colours to 21 for black and white. */
export function contrast(one: Rgb, other: Rgb): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
}

/** Black or white, whichever can be read better on the colour. */
export function textOn(color: Rgb): Rgb {
  return contrast(color, BLACK) >= contrast(color, WHITE) ? BLACK : WHITE;
}

/** A share of `other` in `one`, channel by channel. */
export function mixed(one: Rgb, other: Rgb, share: number): Rgb {
  const channel = (index: 0 | 1 | 2): number => one[index] + (other[index] - one[index]) * share;
  return [channel(0), channel(1), channel(2)];
}
