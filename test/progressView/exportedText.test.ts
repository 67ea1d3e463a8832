/** Tests the texts made from runs: CSV, comparison, page. */
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { compareConfigurations } from '../../extension/progressView/comparison.ts';
import { formatCsv } from '../../extension/progressView/csv.ts';
import { RunSeries } from '../../extension/progressView/runSeries.ts';
import { pageHtml } from '../../extension/webviews/page.ts';
import { evaluationEvent, stepEvent } from './runEvents.ts';

function rowsOf(name: string, series: RunSeries): Record<string, string>[] {
  return parse(formatCsv([{ name, series }]), { columns: true });
}

test('the CSV has every step and every evaluation, at its own step too', () => {
  const series = new RunSeries();
  series.append(evaluationEvent(0, 9));
  series.append(stepEvent(1, { loss: 0.1 + 0.2, gradNorm: Number.NaN }));
  series.append(evaluationEvent(1, 0.25));
  series.append(stepEvent(2));
  series.append(evaluationEvent(3, 0.125));
  const rows = rowsOf('first', series);
  expect(rows.map(({ step }) => step)).toEqual(['0', '1', '2', '3']);
  expect(rows.map(({ evaluation_loss }) => evaluation_loss)).toEqual(['9', '0.25', '', '0.125']);
  expect(Number(rows[1]!['loss'])).toBe(0.1 + 0.2);
  expect(rows[1]!['grad_norm']).toBe('NaN');
});

test.each(['plain', 'with "quotes", and commas', 'two\nlines'])('a run named %j survives CSV', (name) => {
  const series = new RunSeries();
  series.append(stepEvent(1));
  expect(rowsOf(name, series)[0]!['run']).toBe(name);
});

test('a run name is never a formula', () => {
  const series = new RunSeries();
  series.append(stepEvent(1));
  expect(rowsOf('=HYPERLINK("x")', series)[0]!['run']).toBe(`'=HYPERLINK("x")`);
});

test('configurations are compared field by field', () => {
  const rows = compareConfigurations([
    {
      name: 'a',
      base: '/m',
      training: { learningRate: 1, maxGradNorm: null },
      selection: { targetModules: ['q', 'k'] },
    },
    { name: 'b', base: '/m', training: { learningRate: 2, maxGradNorm: null }, output: '/o' },
    undefined,
  ]);
  expect(rows).toEqual([
    { field: 'base', values: ['/m', '/m', null], isDifferent: true },
    { field: 'training.learningRate', values: ['1', '2', null], isDifferent: true },
    { field: 'training.maxGradNorm', values: ['null', 'null', null], isDifferent: true },
    { field: 'selection.targetModules', values: ['q, k', null, null], isDifferent: true },
  ]);
});

test('nothing in the page can end the data block or an attribute', () => {
  const html = pageHtml({
    cspSource: 'https://x',
    script: 'https://x/a.js?"><img>',
    style: 'https://x/a.css',
    nonce: 'abc',
    language: 'en',
    title: '</title><script>',
    translations: { a: '</script><script>alert(1)</script>' },
  });
  expect(html.match(/<\/script>/g)).toHaveLength(2);
  expect(html).not.toContain('<img>');
  expect(html).not.toContain('unsafe');
});
