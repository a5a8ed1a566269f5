import { expect, it } from 'vitest';
import { goJson } from './goJson.ts';

it.each([
  [undefined, 'null'],
  ['a<b>&"\u2028', '"a\\u003cb\\u003e\\u0026\\"\\u2028"'],
  [{ b: 1, a: { d: [], c: null } }, '{"a":{"c":null,"d":[]},"b":1}'],
  [[{ z: 1e21, y: true }], '[{"y":true,"z":1e+21}]'],
])('%j', (value, text) => {
  expect(goJson(value)).toBe(text);
});
