import * as fc from 'fast-check';

/** Just below and above the largest body that is read. */
const LONG = [10_001, 60_000, 70_000];

const sql = [
  "'; drop table tasks; --",
  "' or '1'='1",
  "\\'; select pg_sleep(60); --",
  '$1::int',
  "%' union select title from tasks --",
  '{"$ne": null}',
];
const edges = [
  ...['0000-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '+275760-09-13T00:00:00Z'],
  ...['294277-01-01T00:00:00Z', '-4713-11-24T00:00:00Z', 'infinity', '-infinity', '1969-12-31', '2201-01-01'],
  ...['2200-12-31T23:59:59.999-23:59', '1970-01-01T00:00:00+23:59', '2026-02-30', '2026-11-25T24:00:00Z', 'epoch'],
];
const numbers = [2 ** 31, 2 ** 53 + 2, -(2 ** 63), 1e308, -0.1, '9'.repeat(400), '1e999', 'NaN', 'Infinity', '0x10'];

/** Values that no client of good will sends, by what is wrong with them; `foreignIds` are of another user's things. */
export function hostileValues(foreignIds: readonly string[]): Record<string, fc.Arbitrary<unknown>> {
  return {
    'wrong type': fc.constantFrom<unknown>(null, true, 0, -1, '', [], {}, [[]], [null], { '': '' }),
    'any JSON': fc.jsonValue(),
    unicode: fc.string({ unit: 'binary', minLength: 1 }),
    NUL: fc.constantFrom('\0', 'rent\0', '\0'.repeat(50), 'a\0b'),
    'lone surrogate': fc.constantFrom('\ud800', 'rent\udfff', '\udc00\ud800'),
    SQL: fc.constantFrom(...sql),
    'enormous number': fc.constantFrom<unknown>(...numbers),
    'date at the edge': fc.constantFrom(...edges),
    'deep nesting': fc.constantFrom(10, 500, 3_000).map(nested),
    'long text': fc.constantFrom(...LONG).map((length) => 'x'.repeat(length)),
    'long array': fc.constantFrom(21, 5_000).map((length) => Array.from({ length }, (_, index) => `tag ${index}`)),
    'prototype key': fc.constantFrom('__proto__', 'constructor', 'prototype').map(keyed),
    'foreign id': fc.constantFrom(...foreignIds),
  };
}

function nested(depth: number): unknown {
  return JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
}

/** Parsed, not written as a literal, in which `__proto__` would be the prototype and not a key. */
function keyed(key: string): unknown {
  return JSON.parse(`{"${key}": {"polluted": true}}`);
}

/** Every place in a JSON value, counted; the one at `index` (modulo their number) becomes `replacement`. */
export function replacedAt(value: unknown, index: number, replacement: unknown): unknown {
  const places = pathsOf(value, []);
  const path = places[index % places.length] ?? [];
  return set(value, path, replacement);
}

/** Deeper than any body that is valid; a second replacement may meet what the first one has nested deep. */
const DEPTH = 8;

function pathsOf(value: unknown, path: string[]): string[][] {
  if (typeof value !== 'object' || value === null || path.length === DEPTH) return [path];
  return [path, ...Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...path, key]))];
}

function set(value: unknown, [key, ...rest]: string[], replacement: unknown): unknown {
  if (key === undefined) return replacement;
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === key ? set(item, rest, replacement) : item));
  const object = value as Record<string, unknown>;
  return { ...object, [key]: set(object[key], rest, replacement) };
}
