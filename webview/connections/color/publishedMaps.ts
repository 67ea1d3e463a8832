/**
 * The colour maps that we use, as control points at equal distances out of their published tables. All are perceptually
 * uniform and safe for colour-blind readers: lightness alone orders the colours.
 */
import { colorMap } from './colorMap.ts';

/** Black over blue and sea green to pale mint: `mako` of seaborn (Michael Waskom). */
export const mako = colorMap([
  '#0b0405',
  '#211423',
  '#332345',
  '#3e356b',
  '#40498e',
  '#38629d',
  '#357ba3',
  '#3492a8',
  '#38aaac',
  '#49c1ad',
  '#76d5ae',
  '#b2e4c2',
  '#def5e5',
]);

/** Pale blue over black to pale orange, for dark grounds: `icefire` of seaborn (Michael Waskom). */
export const icefire = colorMap([
  '#bde7db',
  '#90c8d1',
  '#60abcd',
  '#3c8ccf',
  '#4167c7',
  '#484996',
  '#37355c',
  '#252532',
  '#1f1e1e',
  '#352024',
  '#5a2834',
  '#872d42',
  '#b63441',
  '#d95034',
  '#ed7b3e',
  '#f6a871',
  '#ffd4ac',
]);

/** Dark blue over near white to dark orange, for light grounds: `vik` of Scientific Colour Maps (Fabio Crameri). */
export const vik = colorMap([
  '#001261',
  '#022b71',
  '#034481',
  '#0c5e92',
  '#307da6',
  '#619ebd',
  '#94bed2',
  '#c6dbe6',
  '#ece5e0',
  '#e9ccba',
  '#dcac90',
  '#cf8e68',
  '#c37243',
  '#b3531f',
  '#942f06',
  '#741506',
  '#590008',
]);
