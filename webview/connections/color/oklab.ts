/**
 * The Oklab colour space (Björn Ottosson, "A perceptual color space for image processing", 2020): equal steps in it look
 * equal, so colours between control points are found there.
 */
import { encodedChannel, linearChannel, type Rgb } from './rgb.ts';

/** Lightness 0 to 1, and two axes of hue. */
export type Oklab = readonly [lightness: number, greenRed: number, blueYellow: number];

export function toOklab(color: Rgb): Oklab {
  const [red, green, blue] = color.map(linearChannel) as [number, number, number];
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const medium = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short,
  ];
}

export function fromOklab([lightness, greenRed, blueYellow]: Oklab): Rgb {
  const long = (lightness + 0.3963377774 * greenRed + 0.2158037573 * blueYellow) ** 3;
  const medium = (lightness - 0.1055613458 * greenRed - 0.0638541728 * blueYellow) ** 3;
  const short = (lightness - 0.0894841775 * greenRed - 1.291485548 * blueYellow) ** 3;
  return [
    encodedChannel(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
    encodedChannel(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
    encodedChannel(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
  ];
}
