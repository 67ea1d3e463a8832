/** Members of a JSON text are set, and whatever else is there keeps its spelling. */
import { expect, test } from 'vitest';
import { withMembers } from '../../engine/merge/files/jsonMembers.ts';

const TEXT = '{"a": 2.0, "b":1e-12 , "c\\":{": "x,\\"}]", "d": [1.0, {"e": 3.50}],\n "f": {"a": 1}, "g": null}';

test('numbers keep their spelling, nested members their place', () => {
  const changed = withMembers(TEXT, { f: { x: [1] }, h: 'new' });
  expect(JSON.parse(changed)).toEqual({ ...(JSON.parse(TEXT) as object), f: { x: [1] }, h: 'new' });
  for (const kept of ['"a": 2.0', '"b": 1e-12', '"d": [1.0, {"e": 3.50}]', '"g": null'])
    expect(changed).toContain(kept);
});

test('an empty object', () => {
  expect(JSON.parse(withMembers('{ }', { a: 1 }))).toEqual({ a: 1 });
});
