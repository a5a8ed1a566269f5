import * as fc from 'fast-check';
import type * as z from 'zod';
import type { HttpFunction } from '../../shared/runtime/defineFunction.ts';
import { cursorNames, encoded } from './draft.ts';
import { type Edit, withBytes, withHeader, withJson, withMethod, withParam, withQuery, withToken } from './edits.ts';
import { hostileValues, replacedAt } from './hostileValues.ts';
import type { Population } from './population.ts';

/** No header can hold NUL or line ends; the platform's own client refuses to send them. */
const headerValues = [
  ...['', '*', '"', 'W/', ',', '"1"', '"1", W/"2"', '\xff\xfe', "'; --", 'a'.repeat(300), '-1', '00-0-0-0'],
];
const headerNames = ['if-match', 'if-none-match', 'idempotency-key', 'traceparent', 'x-request-id', 'content-length'];
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const contentTypes = [
  ...['', 'text/plain', 'application/xml', 'application/json; charset=utf-16', 'multipart/form-data', '/'],
];
const brokenBodies = [
  ...['', '{', '{"title":"a"}}', '\ufeff{}', '[1e999]', '{"title":"\\ud800"}', '"', 'undefined', '{"a":1,"a":2}'],
];
const brokenBytes = [[0xff], [0x7b, 0xc3, 0x28, 0x7d], [0xed, 0xa0, 0x80], [0], [0x7b, 0, 0x7d, 0]];
const brokenEscapes = ['%00', '%', '%zz', '%ff', '%ED%A0%80', '..%2f..', '%2e%2e', '%25%30%30', 'a%0d%0ab'];

/** A value that no client of good will sends, and what is wrong with it. */
type Hostile = fc.Arbitrary<{ name: string; value: unknown }>;
type Edits = fc.Arbitrary<Edit>;

/** Everything that can be made wrong with a request to a function; where it takes a body, half of it is in the body. */
export function attacks({ trigger, input = {} }: HttpFunction, population: Population): Edits {
  const values = Object.entries(hostileValues(population.foreignIds));
  const hostile = fc.oneof(...values.map(([name, arbitrary]) => arbitrary.map((value) => ({ name, value }))));
  const around = fc.oneof(
    ...onHeaders(population),
    ...onQuery(Object.keys(input.query?._zod.def.shape ?? {}), hostile, population),
    ...onPath(Object.keys((input.params as z.core.$ZodObject | undefined)?._zod.def.shape ?? {}), hostile, population),
    ...(trigger.http.startsWith('GET') ? [] : onBytes()),
  );
  return input.body ? fc.oneof(around, onBody(hostile)) : around;
}

function onHeaders({ tokens }: Population): Edits[] {
  return [
    fc.constantFrom(...Object.entries(tokens.forged)).map(([name, token]) => withToken(name, token)),
    fc
      .tuple(fc.constantFrom(...headerNames), fc.constantFrom(...headerValues))
      .map(([name, value]) => withHeader(`${name} garbage`, name, value)),
    fc.constantFrom(...methods).map(withMethod),
  ];
}

function onQuery(names: readonly string[], hostile: Hostile, { cursors }: Population): Edits[] {
  const unknown = fc
    .tuple(fc.constantFrom('none', 'a%00', '__proto__', '%ff'), hostile)
    .map(([name, { value }]) => withQuery('unknown parameter', name, encoded(value)));
  if (names.length === 0) return [unknown];
  const cursorName = names.find((name) => cursorNames.includes(name));
  return [
    unknown,
    fc
      .tuple(fc.constantFrom(...names), hostile)
      .map(([name, { name: kind, value }]) => withQuery(`${kind} in the query`, name, encoded(value))),
    fc.constantFrom(...names).map((name) => withQuery('repeated parameter', name, '1', '2')),
    fc
      .tuple(fc.constantFrom(...names), fc.constantFrom(...brokenEscapes))
      .map(([name, value]) => withQuery('broken escape in the query', name, value)),
    ...(cursorName ? onCursor(cursorName, hostile, fc.constantFrom(...cursors)) : []),
  ];
}

function onCursor(name: string, hostile: Hostile, cursor: fc.Arbitrary<string>): Edits[] {
  return [
    cursor.map((value) => withQuery('cursor of another list or time', name, value)),
    fc
      .tuple(cursor, fc.nat(), hostile)
      .map(([value, place, { value: by }]) => withQuery('tampered cursor', name, tampered(value, place, by))),
  ];
}

function onPath(names: readonly string[], hostile: Hostile, { foreignIds }: Population): Edits[] {
  if (names.length === 0) return [];
  const name = fc.constantFrom(...names);
  return [
    fc
      .tuple(name, hostile)
      .map(([param, { name: kind, value }]) => withParam(`${kind} in the path`, param, encoded(value))),
    fc.tuple(name, fc.constantFrom(...foreignIds)).map(([param, id]) => withParam('foreign id in the path', param, id)),
    fc
      .tuple(name, fc.constantFrom(...brokenEscapes))
      .map(([param, value]) => withParam('broken escape in the path', param, value)),
  ];
}

/** What is no JSON at all, also for those who want no body. */
function onBytes(): Edits[] {
  return [
    fc.constantFrom(...contentTypes).map((value) => withHeader('wrong content type', 'content-type', value)),
    fc.constantFrom(...brokenBodies).map((text) => withBytes('no JSON', Buffer.from(text))),
    fc.constantFrom(...brokenBytes).map((bytes) => withBytes('no UTF-8', Uint8Array.from(bytes))),
    fc
      .constantFrom(1_000, 30_000)
      .map((depth) => withBytes('deep nesting', Buffer.from('['.repeat(depth) + ']'.repeat(depth)))),
  ];
}

function onBody(hostile: Hostile): Edits {
  return fc
    .tuple(hostile, fc.nat(200))
    .map(([{ name, value }, place]) => withJson(`${name} in the body`, value, place));
}

/** A cursor as a list gives it, with another value at one of its places; or only cut, where it cannot be read. */
function tampered(cursor: string, place: number, by: unknown): string {
  try {
    const content: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Buffer.from(JSON.stringify(replacedAt(content, place, by))).toString('base64url');
  } catch {
    return cursor.slice(0, -3);
  }
}
