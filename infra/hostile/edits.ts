import type { Draft } from './draft.ts';
import { replacedAt } from './hostileValues.ts';

/** One thing that is made wrong with a request, and noted on it by its name. */
export type Edit = (draft: Draft) => Draft;

export function withToken(name: string, token: string | undefined): Edit {
  return (draft) => {
    const { authorization: _valid, ...headers } = draft.headers;
    const authorization = token !== undefined && { authorization: `Bearer ${token}` };
    return { ...noted(draft, `token: ${name}`), forged: true, headers: { ...headers, ...authorization } };
  };
}

export function withHeader(kind: string, name: string, value: string): Edit {
  return (draft) => ({ ...noted(draft, kind), headers: { ...draft.headers, [name]: value } });
}

export function withMethod(method: string): Edit {
  return (draft) => (method === draft.method ? draft : { ...noted(draft, 'another method'), method });
}

export function withQuery(kind: string, name: string, ...values: string[]): Edit {
  return (draft) => {
    const others = draft.query.filter(([other]) => other !== name);
    return { ...noted(draft, kind), query: [...others, ...values.map((value): [string, string] => [name, value])] };
  };
}

export function withParam(kind: string, name: string, value: string): Edit {
  return (draft) => ({ ...noted(draft, kind), params: { ...draft.params, [name]: value } });
}

export function withBytes(kind: string, bytes: Uint8Array): Edit {
  return (draft) => ({ ...noted(draft, kind), bytes });
}

/** Puts a value at one of the places of the body. */
export function withJson(kind: string, value: unknown, place: number): Edit {
  return (draft) => ({ ...noted(draft, kind), json: replacedAt(draft.json, place, value) });
}

function noted(draft: Draft, hostility: string): Draft {
  return { ...draft, hostilities: [...draft.hostilities, hostility] };
}
