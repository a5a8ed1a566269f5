import type { IncomingHttpHeaders } from 'node:http';
import * as z from 'zod';
import { isIsolationLevel, type Query, type TransactionOptions } from '../postgres/engine.ts';
import { requestError } from './requestError.ts';

/** What a request asks for. `arrayMode`, one per statement: rows as arrays instead of objects. */
export type Statements =
  | { kind: 'single'; query: Query; arrayMode: boolean }
  | { kind: 'batch'; queries: Query[]; arrayMode: boolean[]; options: TransactionOptions };

/** The driver sends parameters as strings; by hand, numbers and booleans are written more easily. */
const param = z.union([z.string(), z.null(), z.number().transform(String), z.boolean().transform(String)]);
const statement = z.object({
  query: z.string(),
  params: z.array(param).default([]),
  arrayMode: z.boolean().nullish(),
});
const payload = z.union([z.object({ queries: z.array(statement) }), statement], {
  error: 'expected {query, params} or {queries: [{query, params}, …]}, with params as strings or null',
});

/** Reads what Neon's driver sends: the statements of the body, and of the headers how to run and answer them. */
export function readStatements(body: Uint8Array, headers: IncomingHttpHeaders): Statements {
  if (headers['neon-raw-text-output'] !== 'true') {
    throw requestError(
      400,
      'values are given as Postgres prints them only: send the header neon-raw-text-output: true',
    );
  }
  const arrayModeByDefault = headers['neon-array-mode'] === 'true';
  const parsed = payload.safeParse(parseJson(body));
  if (!parsed.success) throw unreadable(parsed.error.issues.map((issue) => issue.message).join('; '));
  const toQuery = ({ query, params }: z.output<typeof statement>): Query => ({ text: query, params });
  const toMode = ({ arrayMode }: z.output<typeof statement>) => arrayMode ?? arrayModeByDefault;

  if ('queries' in parsed.data) {
    const { queries } = parsed.data;
    return {
      kind: 'batch',
      queries: queries.map(toQuery),
      arrayMode: queries.map(toMode),
      options: transactionOptions(headers),
    };
  }
  return { kind: 'single', query: toQuery(parsed.data), arrayMode: toMode(parsed.data) };
}

function transactionOptions(headers: IncomingHttpHeaders): TransactionOptions {
  const isolationLevel = headers['neon-batch-isolation-level'];
  if (isolationLevel !== undefined && !(typeof isolationLevel === 'string' && isIsolationLevel(isolationLevel))) {
    throw requestError(400, 'invalid isolation level');
  }
  return {
    isolationLevel,
    readOnly: headers['neon-batch-read-only'] === 'true',
    deferrable: headers['neon-batch-deferrable'] === 'true',
  };
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw unreadable((error as Error).message);
  }
}

function unreadable(reason: string) {
  return requestError(400, `could not parse the HTTP request body: ${reason}`);
}
