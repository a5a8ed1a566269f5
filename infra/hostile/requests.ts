import * as fc from 'fast-check';
import type * as z from 'zod';
import type { HttpFunction } from '../../shared/runtime/defineFunction.ts';
import { acceptedContentTypes } from '../../shared/runtime/http.ts';
import { hostileValues, replacedAt } from './hostileValues.ts';
import type { Population } from './population.ts';
import type { HostileRequest } from './request.ts';
import { validValues } from './validValues.ts';

/** A request before it is written out: attacks change it part by part. */
interface Draft extends Omit<HostileRequest, 'path' | 'body'> {
  /** Written into the path as they are. */
  params: Record<string, string>;
  query: [name: string, value: string][];
  json: unknown;
  bytes?: Uint8Array;
}

type Attack = (draft: Draft) => Draft;

/** No header can hold NUL or line ends; the platform's own client refuses to send them. */
const headerValues = [
  '',
  '*',
  '"',
  'W/',
  ',',
  '"1"',
  '"1", W/"2"',
  '\xff\xfe',
  "'; --",
  'a'.repeat(300),
  '-1',
  '00-0-0-0',
];
const headerNames = ['if-match', 'if-none-match', 'idempotency-key', 'traceparent', 'x-request-id', 'content-length'];
const contentTypes = [
  '',
  'text/plain',
  'application/xml',
  'application/json; charset=utf-16',
  'multipart/form-data',
  '/',
];
const brokenBodies = [
  '',
  '{',
  '{"title":"a"}}',
  '\ufeff{}',
  '[1e999]',
  '{"title":"\\ud800"}',
  '"',
  'undefined',
  '{"a":1,"a":2}',
];
const brokenBytes = [[0xff], [0x7b, 0xc3, 0x28, 0x7d], [0xed, 0xa0, 0x80], [0], [0x7b, 0, 0x7d, 0]];
const brokenEscapes = ['%00', '%', '%zz', '%ff', '%ED%A0%80', '..%2f..', '%2e%2e', '%25%30%30', 'a%0d%0ab'];
/** Where a page or a feed goes on. */
const cursorNames = ['cursor', 'since'];

/** Requests to a function, from its definition: half of them valid, the others with one or two things wrong. */
export function requestsTo(definition: HttpFunction, population: Population): fc.Arbitrary<HostileRequest> {
  const attacked = fc
    .tuple(drafts(definition, population), fc.array(attacks(definition, population), { minLength: 1, maxLength: 2 }))
    .map(([draft, list]) => list.reduce((attacked, attack) => attack(attacked), draft));
  return fc
    .oneof({ weight: 2, arbitrary: drafts(definition, population) }, { weight: 3, arbitrary: attacked })
    .map((draft) => written(definition, draft));
}

function drafts(definition: HttpFunction, { own, tokens }: Population): fc.Arbitrary<Draft> {
  const [method = '', route = ''] = definition.trigger.http.split(' ');
  const { input = {} } = definition;
  const collection = /([^/]+)\/:/.exec(route)?.[1] ?? 'tasks';
  const ids = own[collection] ?? Object.values(own).flat();
  const values = (schema: z.ZodType | undefined) => (schema ? validValues(schema, ids) : fc.constant({}));
  const token = definition.scope === 'admin' ? tokens.valid.admin : tokens.valid.user;
  const headers = {
    authorization: `Bearer ${token}`,
    ...(input.body && { 'content-type': acceptedContentTypes(method)[0] ?? '' }),
  };
  const key = fc.option(fc.nat(400), { nil: undefined, freq: 3 });
  return fc
    .tuple(
      values(input.params),
      values(input.query),
      values(input.body).filter((body) => input.body?.safeParse(body).success ?? true),
      key,
    )
    .map(
      ([params, query, json, number]): Draft => ({
        ...{ method, forged: false, hostilities: [], json: input.body ? json : undefined },
        params: params as Record<string, string>,
        query: Object.entries(query as object)
          .filter(([name]) => !cursorNames.includes(name))
          .flatMap(([name, value]) => [value].flat().map((each): [string, string] => [name, encoded(each)])),
        headers: { ...headers, ...(number !== undefined && { 'idempotency-key': `key-${number}` }) },
      }),
    );
}

function attacks(definition: HttpFunction, population: Population): fc.Arbitrary<Attack> {
  const { input = {} } = definition;
  const { foreignIds, cursors, tokens } = population;
  const values = Object.entries(hostileValues(foreignIds)).map(([name, arbitrary]) =>
    arbitrary.map((value) => ({ name, value })),
  );
  const hostile = fc.oneof(...values);
  const kinds: fc.Arbitrary<Attack>[] = [
    fc.constantFrom(...Object.entries(tokens.forged)).map(([name, token]) => withToken(name, token)),
    fc
      .tuple(fc.constantFrom(...headerNames), fc.constantFrom(...headerValues))
      .map(([name, value]) => withHeader(`${name} garbage`, name, value)),
    fc
      .tuple(fc.constantFrom('none', 'limit', 'a%00', '__proto__', '%ff'), hostile)
      .map(([name, { value }]) => withQuery('unknown parameter', name, encoded(value))),
    fc.constantFrom('GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS').map((method) => withMethod(method)),
  ];
  const names = Object.keys(input.query?.shape ?? {});
  if (names.length > 0) {
    kinds.push(
      fc
        .tuple(fc.constantFrom(...names), hostile)
        .map(([name, { name: kind, value }]) => withQuery(`${kind} in the query`, name, encoded(value))),
      fc
        .constantFrom(...names)
        .map((name) => (draft) => withQuery('repeated parameter', name, '1')(withQuery('', name, '2')(draft))),
      fc
        .tuple(fc.constantFrom(...names), fc.constantFrom(...brokenEscapes))
        .map(([name, value]) => withQuery('broken escape in the query', name, value)),
    );
  }
  const cursorName = names.find((name) => cursorNames.includes(name));
  if (cursorName && cursors.length > 0) {
    const cursor = fc.constantFrom(...cursors);
    kinds.push(
      cursor.map((value) => withQuery('cursor of another list or time', cursorName, value)),
      fc
        .tuple(cursor, fc.nat(), hostile)
        .map(([value, place, { value: by }]) => withQuery('tampered cursor', cursorName, tampered(value, place, by))),
    );
  }
  const params = Object.keys((input.params as z.ZodObject | undefined)?.shape ?? {});
  if (params.length > 0) {
    kinds.push(
      fc
        .tuple(fc.constantFrom(...params), hostile)
        .map(([name, { name: kind, value }]) => withParam(`${kind} in the path`, name, encoded(value))),
      fc
        .tuple(fc.constantFrom(...params), fc.constantFrom(...foreignIds))
        .map(([name, id]) => withParam('foreign id in the path', name, id)),
      fc
        .tuple(fc.constantFrom(...params), fc.constantFrom(...brokenEscapes))
        .map(([name, value]) => withParam('broken escape in the path', name, value)),
    );
  }
  if (definition.trigger.http.startsWith('GET')) return fc.oneof(...kinds);
  kinds.push(
    fc.constantFrom(...contentTypes).map((value) => withHeader('wrong content type', 'content-type', value)),
    fc.constantFrom(...brokenBodies.map((text) => Buffer.from(text))).map((bytes) => withBytes('no JSON', bytes)),
    fc.constantFrom(...brokenBytes.map((bytes) => Uint8Array.from(bytes))).map((bytes) => withBytes('no UTF-8', bytes)),
    fc
      .constantFrom(1_000, 30_000)
      .map((depth) => withBytes('deep nesting', Buffer.from('['.repeat(depth) + ']'.repeat(depth)))),
  );
  if (input.body) {
    const inBody = fc
      .tuple(hostile, fc.nat(200))
      .map(([{ name, value }, place]) => withJson(`${name} in the body`, value, place));
    kinds.push(inBody, inBody, inBody, inBody);
  }
  return fc.oneof(...kinds);
}

const noted = (draft: Draft, name: string): Draft => ({
  ...draft,
  hostilities: name ? [...draft.hostilities, name] : draft.hostilities,
});

function withToken(name: string, token: string | undefined): Attack {
  return (draft) => {
    const { authorization: _valid, ...headers } = draft.headers;
    const authorization = token !== undefined && { authorization: `Bearer ${token}` };
    return { ...noted(draft, `token: ${name}`), forged: true, headers: { ...headers, ...authorization } };
  };
}

function withHeader(kind: string, name: string, value: string): Attack {
  return (draft) => ({ ...noted(draft, kind), headers: { ...draft.headers, [name]: value } });
}

function withMethod(method: string): Attack {
  return (draft) => ({ ...noted(draft, method === draft.method ? '' : 'another method'), method });
}

function withQuery(kind: string, name: string, value: string): Attack {
  return (draft) => {
    const others = kind === 'repeated parameter' ? draft.query : draft.query.filter(([other]) => other !== name);
    return { ...noted(draft, kind), query: [...others, [name, value]] };
  };
}

function withParam(kind: string, name: string, value: string): Attack {
  return (draft) => ({ ...noted(draft, kind), params: { ...draft.params, [name]: value } });
}

function withBytes(kind: string, bytes: Uint8Array): Attack {
  return (draft) => ({ ...noted(draft, kind), bytes });
}

function withJson(kind: string, value: unknown, place: number): Attack {
  return (draft) => ({ ...noted(draft, kind), json: replacedAt(draft.json, place, value) });
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

/** A value as a part of an address; a lone surrogate, which has no UTF-8 form, by the three bytes it would have. */
function encoded(value: unknown): string {
  const text = typeof value === 'string' ? value : String(JSON.stringify(value));
  return text.isWellFormed() ? encodeURIComponent(text) : `${encodeURIComponent(text.toWellFormed())}%ED%A0%80`;
}

function written(definition: HttpFunction, { params, query, json, bytes, ...draft }: Draft): HostileRequest {
  const route = definition.trigger.http.split(' ')[1] ?? '';
  const address = route.replaceAll(/:(\w+)/g, (_, name: string) => params[name] ?? '');
  const search = query.map(([name, value]) => `${name}=${value}`).join('&');
  const body = bytes ?? (json === undefined ? undefined : Buffer.from(JSON.stringify(json)));
  return {
    ...draft,
    path: search ? `${address}?${search}` : address,
    body: draft.method === 'GET' ? undefined : body,
  };
}
