// Tables as comma-separated text.
import { expect, test } from 'vitest';
import { formatTable } from '../../extension/connectionsView/tableCsv.ts';

test('names and text are quoted, numbers are exact, what does not exist is empty', () => {
  const text = formatTable({
    columns: [
      { name: 'module, full', values: ['a"b', '=1+1', 'c'] },
      { name: 'row', values: Uint32Array.of(1, 2, 3) },
      { name: 'delta', values: Float32Array.of(0.5, NaN, -1e-20) },
    ],
  });
  expect(text.split('\r\n')).toEqual([
    '"module, full",row,delta',
    '"a""b",1,0.5',
    "'=1+1,2,",
    `c,3,${String(Math.fround(-1e-20))}`,
    '',
  ]);
  expect(formatTable({ columns: [] })).toBe('\r\n');
});
