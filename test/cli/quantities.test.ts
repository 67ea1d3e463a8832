import { expect, test } from 'vitest';
import { bytesText, durationText, shareText, smallText, speedText } from '../../engine/cli/quantities.ts';
import { shellQuoted } from '../../engine/cli/terminal.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [9960, '10 kB'],
  [999_600, '1.0 MB'],
  [1_310_000_000, '1.3 GB'],
  [5e15, '5000 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each([
  [400, '400 ms'],
  [59_499, '59 s'],
  [59_500, '1 min 00 s'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 05 min'],
  [273_600_000, '3 d 4 h'],
])('%d ms are %s', (durationMs, text) => {
  expect(durationText(durationMs)).toBe(text);
});

test('shares, speeds and small numbers keep their meaning', () => {
  expect([0.000202, 0.5, 1, 0].map(shareText)).toEqual(['0.0202 %', '50 %', '100 %', '0 %']);
  expect([0, 850, 999.6, 12_340].map(speedText)).toEqual(['0 tok/s', '850 tok/s', '1.0k tok/s', '12.3k tok/s']);
  expect([0, 8.5e-3, 2.1e-7].map(smallText)).toEqual(['0', '8.5e-3', '2.1e-7']);
});

test('arguments of printed commands survive a shell', () => {
  expect(shellQuoted('runs/a-1')).toBe('runs/a-1');
  expect(shellQuoted("it's a run")).toBe("'it'\\''s a run'");
});
