import * as fc from 'fast-check';
import * as z from 'zod';
import type { HttpFunction } from '../../shared/runtime/defineFunction.ts';
import { acceptedContentTypes } from '../../shared/runtime/http.ts';
import type { Population } from './population.ts';
import type { HostileRequest } from './request.ts';
import { validValues } from './validValues.ts';

/** A request before it is written out: attacks change it part by part. */
export interface Draft extends Omit<HostileRequest, 'path' | 'body'> {
  /** Written into the path as they are. */
  params: Record<string, string>;
  query: [name: string, value: string][];
  json: unknown;
  bytes?: Uint8Array;
}

/** No list is longer. */
const MOST_IDS = 1000;
/** An id of nothing. */
const ABSENT = '00000000-0000-4000-8000-000000000000';

/** Where a page or a feed goes on. */
export const cursorNames = ['cursor', 'since'];

/** Valid requests to a function, a third of them with an idempotency key. */
export function drafts(definition: HttpFunction, { own, tokens }: Population): fc.Arbitrary<Draft> {
  const [method = '', route = ''] = definition.trigger.http.split(' ');
  const { input = {} } = definition;
  const values = (schema: z.core.$ZodType | undefined) =>
    schema ? validValues(schema, own[route.split('/')[1] ?? ''] ?? []) : fc.constant({});
  const token = definition.scope === 'admin' ? tokens.valid.admin : tokens.valid.user;
  const headers = {
    authorization: `Bearer ${token}`,
    ...(input.body && { 'content-type': acceptedContentTypes(method)[0] ?? '' }),
  };
  const key = fc.option(fc.nat(400), { nil: undefined, freq: 3 });
  return fc
    .tuple(
      params(route, own),
      values(input.query),
      values(input.body).filter((body) => !input.body || z.safeParse(input.body, body).success),
      key,
    )
    .map(
      ([ids, query, json, number]): Draft => ({
        ...{ method, forged: false, hostilities: [], json: input.body ? json : undefined },
        params: ids,
        query: Object.entries(query as object)
          .filter(([name]) => !cursorNames.includes(name))
          .flatMap(([name, value]) => [value].flat().map((each): [string, string] => [name, encoded(each)])),
        headers: { ...headers, ...(number !== undefined && { 'idempotency-key': `key-${number}` }) },
      }),
    );
}

/** Ids for a route's parameters; what stands at the same place of its list belongs together (see `Population.own`). */
function params(route: string, own: Population['own']): fc.Arbitrary<Record<string, string>> {
  const places = [...route.matchAll(/([^/]+)\/:(\w+)/g)];
  return fc.nat(MOST_IDS).map((place) => {
    const idIn = (ids: readonly string[] = []) => ids[place % ids.length] ?? ABSENT;
    return Object.fromEntries(places.map(([, collection = '', name = '']) => [name, idIn(own[collection])]));
  });
}

/** The request that a draft stands for. */
export function written(definition: HttpFunction, { params, query, json, bytes, ...draft }: Draft): HostileRequest {
  const route = definition.trigger.http.split(' ')[1] ?? '';
  const address = route.replaceAll(/:(\w+)/g, (_, name: string) => params[name] ?? '');
  const search = query.map(([name, value]) => `${name}=${value}`).join('&');
  const body = bytes ?? (json === undefined ? undefined : Buffer.from(JSON.stringify(json)));
  return {
    ...draft,
    path: search ? `${address}?${search}` : address,
    body: ['GET', 'HEAD'].includes(draft.method) ? undefined : body,
  };
}

/** A value as a part of an address; a lone surrogate, which has no UTF-8 form, by the three bytes it would have. */
export function encoded(value: unknown): string {
  const text = typeof value === 'string' ? value : String(JSON.stringify(value));
  return text.isWellFormed() ? encodeURIComponent(text) : `${encodeURIComponent(text.toWellFormed())}%ED%A0%80`;
}
